package io.paddock.agent.server.containers.tools;

import io.paddock.common.DurationText;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs programs of the operating system to their end, each within its time. */
public final class Tools {
    public static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final Path MEMORY = Path.of("/dev/shm");
    private static final String AGENT = "PADDOCK_TOOL_OF";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int OUTPUT_LIMIT_BYTES = 1 << 20;

    private final ScheduledExecutorService timers;
    private final Map<String, String> marks;

    /** @param timers kills tools that take too long or are not wanted any more */
    public Tools(ScheduledExecutorService timers) {
        this(timers, Map.of());
    }

    private Tools(ScheduledExecutorService timers, Map<String, String> marks) {
        this.timers = timers;
        this.marks = marks;
    }

    /**
     * Those for what nobody waits for any more when this agent has died, say downloads: they end when the next agent of its work
     * directory asks for the same. Reads all of {@code /proc}.
     */
    public Tools endingWithTheAgent(Path workDir) throws IOException {
        Processes.end(AGENT, workDir.toString(), PATIENCE);
        return new Tools(timers, Map.of(AGENT, workDir.toString()));
    }

    /** What a tool said. */
    public record Output(int code, String stdout, String stderr) {}

    /** The program's path, if it is installed. */
    public static Optional<Path> find(String program) {
        for (String directory : PATH.split(":", -1)) {
            Path path = Path.of(directory, program);
            if (Files.isExecutable(path)) {
                return Optional.of(path);
            }
        }
        return Optional.empty();
    }

    /** An action that is taken unless this is closed in time. */
    public static final class Deadline implements AutoCloseable {
        private final ScheduledFuture<?> action;
        private final AtomicBoolean passed;

        private Deadline(ScheduledFuture<?> action, AtomicBoolean passed) {
            this.action = action;
            this.passed = passed;
        }

        /** Whether the action was taken; true from before its first effect on. */
        public boolean passed() {
            return passed.get();
        }

        @Override
        public void close() {
            action.cancel(false);
        }
    }

    /**
     * Takes an action later, unless the deadline is closed before.
     *
     * @param action short; runs on the timer's thread
     */
    public Deadline deadline(Duration limit, Runnable action) {
        AtomicBoolean passed = new AtomicBoolean();
        Runnable noted = () -> {
            passed.set(true);
            action.run();
        };
        return new Deadline(timers.schedule(noted, limit.toMillis(), TimeUnit.MILLISECONDS), passed);
    }

    /** Runs a command that must succeed, and gives its output. */
    public String run(ToolCall call) throws IOException {
        return run(call, new Cancellation());
    }

    /** Runs a command that must succeed unless it is cancelled. */
    public String run(ToolCall call, Cancellation cancellation) throws IOException {
        Output output = attempt(call, cancellation);
        if (output.code() != 0) {
            throw new ToolFailure(
                    call.argv(),
                    "failed with status " + output.code(),
                    output.stderr().isBlank() ? output.stdout() : output.stderr());
        }
        return output.stdout();
    }

    /** Runs a command and gives what came of it, whatever its exit code. */
    public Output attempt(ToolCall call, Cancellation cancellation) throws IOException {
        cancellation.check();
        try (Written output = new Written();
                Written errors = new Written()) {
            Process process = start(call, output, errors);
            cancellation.started(() -> killSoon(process));
            try (Deadline deadline = deadline(call.timeout(), () -> Processes.killTree(process.toHandle()))) {
                feed(process, call.stdin());
                int code = await(process);
                cancellation.check();
                if (deadline.passed()) {
                    throw new ToolFailure(
                            call.argv(), "did not end within " + DurationText.format(call.timeout()), errors.text());
                }
                return new Output(code, output.text(), errors.text());
            } finally {
                cancellation.ended();
            }
        }
    }

    /** What a tool writes. The file has no name once the tool has it, so that nothing is left of it however all ends. */
    private static final class Written implements Closeable {
        final Path file = temporary();
        private final InputStream content = Files.newInputStream(file);

        Written() throws IOException {}

        void removeName() throws IOException {
            Files.deleteIfExists(file);
        }

        String text() throws IOException {
            return new String(content.readNBytes(OUTPUT_LIMIT_BYTES), StandardCharsets.UTF_8);
        }

        @Override
        public void close() throws IOException {
            removeName();
            content.close();
        }
    }

    /** In memory where there is some, so that a full or read-only disk keeps nobody from cleaning up. */
    private static Path temporary() throws IOException {
        return Files.isWritable(MEMORY)
                ? Files.createTempFile(MEMORY, "paddock-tool", "")
                : Files.createTempFile("paddock-tool", "");
    }

    private Process start(ToolCall call, Written output, Written errors) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(call.argv());
        builder.environment().clear();
        builder.environment().put("PATH", PATH);
        builder.environment().putAll(marks);
        builder.environment().putAll(call.environment());
        builder.directory(call.directory().orElse(Path.of("/")).toFile());
        // Not pipes: what a tool leaves behind may hold them open for ever.
        builder.redirectOutput(output.file.toFile());
        builder.redirectError(errors.file.toFile());
        try {
            return builder.start();
        } catch (IOException e) {
            String program = call.argv().get(0);
            throw program.contains("/") || find(program).isPresent()
                    ? e
                    : new IOException(program + " is not installed", e);
        } finally {
            output.removeName();
            errors.removeName();
        }
    }

    /** Not by who asks for it, who may be an actor: it takes a look at all processes of the machine. */
    private void killSoon(Process process) {
        try {
            timers.execute(() -> Processes.killTree(process.toHandle()));
        } catch (RejectedExecutionException e) { // the agent is ending
            Processes.killTree(process.toHandle());
        }
    }

    private static void feed(Process process, String stdin) {
        try (OutputStream input = process.getOutputStream()) {
            input.write(stdin.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // The tool did not want its input; its exit code tells the rest.
        }
    }

    private static int await(Process process) throws IOException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a tool ran");
        }
    }
}
