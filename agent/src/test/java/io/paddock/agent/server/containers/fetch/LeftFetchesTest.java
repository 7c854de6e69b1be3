package io.paddock.agent.server.containers.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.server.containers.FetchOptions;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.proto.v1.CommandInfo;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent ran to fetch something ends when the next one of its work directory starts. */
class LeftFetchesTest {
    private final ScheduledExecutorService threads = new ScheduledThreadPoolExecutor(2);

    @TempDir
    Path directory;

    @AfterEach
    void close() throws IOException {
        running().forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        threads.shutdownNow();
    }

    @Test
    void theClientOfAStorageSystem() throws Exception {
        Path program = Files.createDirectories(directory.resolve("hadoop/bin")).resolve("hadoop");
        Files.writeString(program, "#!/bin/sh\nsleep 1000\necho late\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        assertThatThrownBy(() -> fetchUntilTheNextAgent("hdfs://h/file", Optional.empty(), "sleep"))
                .hasMessageContaining("hadoop failed");
    }

    @Test
    void whatReadsAFileForAnotherUser() throws Exception {
        Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "only root reads for others");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path large = Files.createFile(directory.resolve("large"));
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(8L << 30);
        }
        assertThatThrownBy(() -> fetchUntilTheNextAgent(large.toString(), Optional.of("nobody"), "tar"))
                .hasMessageContaining("as user nobody");
    }

    /** @param program one that runs before it starts, and afterwards no more */
    private void fetchUntilTheNextAgent(String address, Optional<String> user, String program) throws Exception {
        Path sandbox = Files.createDirectory(directory.resolve("sandbox"));
        Fetcher fetcher = start();
        Future<?> fetching = threads.submit(() -> {
            fetcher.fetch(
                    List.of(CommandInfo.URI.newBuilder().setValue(address).build()),
                    new Fetcher.Destination(sandbox, Path.of(""), directory.resolve("arrivals"), user),
                    new Cancellation());
            return null;
        });
        Awaitility.await()
                .until(() -> running().stream()
                        .anyMatch(pid -> Processes.arguments(pid).contains(program)));
        start();
        assertThat(running()).isEmpty();
        assertThat(sandbox).isEmptyDirectory();
        fetching.get(30, TimeUnit.SECONDS);
    }

    private Fetcher start() throws IOException {
        FetchOptions options = new FetchOptions(
                directory.resolve("cache"),
                0,
                Duration.ofMinutes(1),
                Optional.empty(),
                Optional.of(directory.resolve("hadoop")));
        return new Fetcher(options, new Tools(threads).endingWithTheAgent(directory));
    }

    private List<Long> running() throws IOException {
        return Processes.withVariable("PADDOCK_TOOL_OF", directory.toString());
    }
}
