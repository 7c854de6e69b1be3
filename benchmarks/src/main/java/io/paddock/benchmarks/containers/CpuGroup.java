package io.paddock.benchmarks.containers;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A cpuacct group, which counts the CPU time of threads and of all processes they start, whichever group those make below. */
public final class CpuGroup implements AutoCloseable {
    private static final Path HIERARCHIES = Path.of("/sys/fs/cgroup");

    private final String name;

    private CpuGroup(String name) throws IOException {
        this.name = "pdbench-" + name;
        Files.createDirectories(directory());
    }

    static CpuGroup named(String name) throws IOException {
        return new CpuGroup(name);
    }

    /** Puts all threads of this process in. */
    public static CpuGroup ofThisProcess(String name) throws IOException {
        CpuGroup group = new CpuGroup(name);
        write(
                group.directory().resolve("cgroup.procs"),
                Long.toString(ProcessHandle.current().pid()));
        return group;
    }

    /** The group below each hierarchy's root. */
    String name() {
        return name;
    }

    private Path directory() {
        return HIERARCHIES.resolve("cpuacct").resolve(name);
    }

    /** Puts the calling thread in, and with it what it starts from now on. */
    void join() {
        try {
            String thread = Files.readSymbolicLink(Path.of("/proc/thread-self"))
                    .getFileName()
                    .toString();
            write(directory().resolve("tasks"), thread);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.WRITE);
    }

    /** CPU time so far. */
    public long nanos() throws IOException {
        return Long.parseLong(
                Files.readString(directory().resolve("cpuacct.usage")).strip());
    }

    /** A thread in this group. */
    Thread thread(Runnable work) {
        Thread thread = new Thread(() -> {
            join();
            work.run();
        });
        thread.setDaemon(true);
        return thread;
    }

    /** Leaves the group and removes it, with what runtimes have left below its name in all hierarchies. */
    @Override
    public void close() throws IOException {
        if (!Files.isDirectory(directory())) {
            return;
        }
        // By threads: a process is listed here as a whole if only one of its threads is in.
        for (String thread :
                Files.readString(directory().resolve("tasks")).lines().toList()) {
            try {
                write(HIERARCHIES.resolve("cpuacct/tasks"), thread);
            } catch (IOException e) {
                continue; // has ended meanwhile
            }
        }
        try (DirectoryStream<Path> hierarchies = Files.newDirectoryStream(HIERARCHIES, Files::isDirectory)) {
            for (Path hierarchy : hierarchies) {
                remove(hierarchy.resolve(name));
            }
        }
    }

    private static void remove(Path group) throws IOException {
        if (!Files.isDirectory(group)) {
            return;
        }
        try (DirectoryStream<Path> children = Files.newDirectoryStream(group, Files::isDirectory)) {
            for (Path child : children) {
                remove(child);
            }
        }
        Files.deleteIfExists(group);
    }
}
