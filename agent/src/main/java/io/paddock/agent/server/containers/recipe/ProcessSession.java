package io.paddock.agent.server.containers.recipe;

import io.paddock.agent.server.containers.ExecSession;
import io.paddock.agent.server.containers.Exit;
import io.paddock.agent.server.containers.tools.Durable;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session that is a child process of the agent. */
public final class ProcessSession implements ExecSession {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessSession.class);

    private static final File NOTHING = new File("/dev/null");

    private final Process process;
    private final Path directory;
    private final CompletableFuture<Exit> exited;

    /**
     * Starts a process.
     *
     * @param directory of the session's files, deleted at its end
     * @param silent see {@link io.paddock.agent.server.containers.ExecSpec#silent}
     */
    public static ProcessSession start(ProcessBuilder builder, Path directory, boolean silent) throws IOException {
        if (silent) {
            builder.redirectInput(NOTHING)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD);
        }
        return new ProcessSession(builder.start(), directory);
    }

    private ProcessSession(Process process, Path directory) {
        this.process = process;
        this.directory = directory;
        this.exited = process.onExit().thenApply(ended -> {
            forget();
            return Exit.shellCode(ended.exitValue(), Clock.systemUTC().instant());
        });
    }

    private void forget() {
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
        Terminal.resize(directory, rows, columns);
    }

    /** The process inside is not our child: it is found by the id the runtime has written down. */
    @Override
    public void kill() {
        try {
            Path pid = directory.resolve(Terminal.PID);
            if (Files.exists(pid)) {
                ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).ifPresent(ProcessSession::killTree);
            }
        } catch (IOException | NumberFormatException e) {
            LOG.warn("a session's process cannot be found: {}", e.toString());
        }
        killTree(process.toHandle());
    }

    private static void killTree(ProcessHandle root) {
        List<ProcessHandle> below = root.descendants().toList();
        root.destroyForcibly();
        below.forEach(ProcessHandle::destroyForcibly);
    }
}
