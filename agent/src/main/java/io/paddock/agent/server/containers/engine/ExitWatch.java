package io.paddock.agent.server.containers.engine;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Tells when an exit code appears in the directory of exits. One thread waits in the kernel for all containers. A name may
 * be told more than once.
 */
final class ExitWatch implements AutoCloseable {
    private final Path directory;
    private final WatchService service;
    private final Consumer<String> onExit;

    private ExitWatch(Path directory, WatchService service, Consumer<String> onExit) {
        this.directory = directory;
        this.service = service;
        this.onExit = onExit;
    }

    /** @param onExit called on the watching thread with the file's name; must not block */
    static ExitWatch start(Path directory, Consumer<String> onExit) throws IOException {
        WatchService service = directory.getFileSystem().newWatchService();
        directory.register(service, StandardWatchEventKinds.ENTRY_CREATE);
        ExitWatch watch = new ExitWatch(directory, service, onExit);
        Thread thread = new Thread(watch::run, "container-exits");
        thread.setDaemon(true);
        thread.start();
        return watch;
    }

    private void run() {
        try {
            while (true) {
                WatchKey key = service.take();
                for (WatchEvent<?> event : key.pollEvents()) {
                    if (event.context() instanceof Path name) {
                        onExit.accept(name.toString());
                    } else {
                        names().forEach(onExit);
                    }
                }
                key.reset();
            }
        } catch (ClosedWatchServiceException e) {
            // Closed: the end of this thread.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** After an overflow of events: all there are. */
    private List<String> names() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    @Override
    public void close() throws IOException {
        service.close();
    }
}
