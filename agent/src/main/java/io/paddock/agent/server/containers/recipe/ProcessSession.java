package io.paddock.agent.server.containers.recipe;

import io.paddock.agent.server.containers.ExecSession;
import io.paddock.agent.server.containers.Exit;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.Processes;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session that is a child process of the agent. */
public final class ProcessSession implements ExecSession {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessSession.class);

    /** Where, among the session's files, a container runtime complains when it cannot start the command. */
    public static final String RUNTIME_LOG = "runtime.log";

    private static final int RUNTIME_FAILED = 255;
    private static final int CANNOT_BE_RUN = 126;
    private static final int NOT_FOUND = 127;
    private static final Pattern MISSING =
            Pattern.compile("not found in \\$PATH|no such file or directory", Pattern.CASE_INSENSITIVE);

    private final Process process;
    private final Optional<Path> directory;
    private final CompletableFuture<Exit> exited;

    /** @param directory of the session's files, deleted at its end */
    public static ProcessSession start(ProcessBuilder builder, Path directory) throws IOException {
        return new ProcessSession(builder.start(), Optional.of(directory));
    }

    /**
     * Starts a process that reads and writes nothing, for its exit status alone: without a pipe, a thread or a file.
     *
     * @param nothing what {@code /dev/null} is
     */
    public static ProcessSession startSilent(ProcessBuilder builder, Path nothing) throws IOException {
        File file = nothing.toFile();
        builder.redirectInput(file)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(file))
                .redirectError(ProcessBuilder.Redirect.appendTo(file));
        return new ProcessSession(builder.start(), Optional.empty());
    }

    private ProcessSession(Process process, Optional<Path> directory) {
        this.process = process;
        this.directory = directory;
        this.exited = process.onExit().thenApply(ended -> {
            int code = code(ended.exitValue(), directory);
            directory.ifPresent(ProcessSession::forget);
            return Exit.shellCode(code, Clock.systemUTC().instant());
        });
    }

    /** A shell's codes for a command that is not there or cannot be run, where the runtime says 255 for all. */
    private static int code(int exit, Optional<Path> directory) {
        if (exit != RUNTIME_FAILED || directory.isEmpty()) {
            return exit;
        }
        Path log = directory.get().resolve(RUNTIME_LOG);
        try {
            String complaint = Files.exists(log) ? Files.readString(log) : "";
            return complaint.isBlank() ? exit : MISSING.matcher(complaint).find() ? NOT_FOUND : CANNOT_BE_RUN;
        } catch (IOException e) {
            LOG.warn("why a session ended cannot be read in {}: {}", log, e.toString());
            return exit;
        }
    }

    private static void forget(Path directory) {
        try {
            Durable.deleteTree(directory);
        } catch (IOException e) {
            LOG.warn("files of a session stay in {}: {}", directory, e.toString());
        }
    }

    @Override
    public OutputStream stdin() {
        return process.getOutputStream();
    }

    @Override
    public InputStream stdout() {
        return process.getInputStream();
    }

    @Override
    public InputStream stderr() {
        return process.getErrorStream();
    }

    @Override
    public CompletionStage<Exit> exited() {
        return exited.copy();
    }

    @Override
    public void resize(int rows, int columns) {
        directory.ifPresent(files -> Terminal.resize(files, rows, columns));
    }

    @Override
    public void kill() {
        directory.ifPresent(ProcessSession::killInside);
        Processes.killTree(process.toHandle());
    }

    /** The process inside is found by the id the runtime has written down, also when the runtime itself is gone. */
    private static void killInside(Path directory) {
        try {
            String pid = Files.readString(directory.resolve(Terminal.PID));
            ProcessHandle.of(Long.parseLong(pid.strip())).ifPresent(Processes::killTree);
        } catch (NoSuchFileException e) {
            // It has not been started yet, or has ended.
        } catch (IOException | NumberFormatException e) {
            LOG.warn("a session's process cannot be found: {}", e.toString());
        }
    }
}
