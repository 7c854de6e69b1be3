package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ExecSession;
import io.paddock.agent.server.containers.Exit;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One run of a command by a {@link KeptShell}; if that does not come to begin it, by the runtime. */
final class ShellSession implements ExecSession {
    private final KeptShells shells;
    private final KeptShells.Ways ways;
    private final Executor blocking;
    private final CompletableFuture<Exit> exited = new CompletableFuture<>();
    private KeptShells.@Nullable Kept kept; // guarded by this, as the next
    private @Nullable ExecSession alone;
    private boolean killed;

    ShellSession(KeptShells shells, KeptShells.Ways ways, Executor blocking) {
        this.shells = shells;
        this.ways = ways;
        this.blocking = blocking;
    }

    /** @param shell that is idle or being started; null: none can be had */
    void begin(KeptShells.@Nullable Kept shell) throws IOException {
        if (shell == null) {
            runAlone();
            return;
        }
        synchronized (this) {
            kept = shell;
        }
        shell.shell().run().whenComplete((code, failure) -> ran(shell, code, failure));
    }

    private void ran(KeptShells.Kept shell, @Nullable Integer code, @Nullable Throwable failure) {
        if (code != null) {
            shells.done(shell);
            exited.complete(Exit.shellCode(code, Clock.systemUTC().instant()));
        } else if (failure instanceof KeptShell.NotBegun) {
            shells.failed(shell);
            blocking.execute(this::runInstead);
        } else {
            shells.discard(shell);
            exited.completeExceptionally(failure == null ? new IllegalStateException("no result") : failure);
        }
    }

    private void runInstead() {
        try {
            runAlone();
        } catch (IOException e) {
            exited.completeExceptionally(e);
        }
    }

    private void runAlone() throws IOException {
        ExecSession session;
        synchronized (this) {
            kept = null;
            if (killed) {
                exited.completeExceptionally(new IOException("killed before it could run"));
                return;
            }
            session = ways.alone();
            alone = session;
        }
        session.exited().whenComplete((exit, failure) -> {
            if (failure == null) {
                exited.complete(exit);
            } else {
                exited.completeExceptionally(failure);
            }
        });
    }

    @Override
    public OutputStream stdin() {
        return OutputStream.nullOutputStream();
    }

    @Override
    public InputStream stdout() {
        return InputStream.nullInputStream();
    }

    @Override
    public InputStream stderr() {
        return InputStream.nullInputStream();
    }

    @Override
    public CompletionStage<Exit> exited() {
        return exited.copy();
    }

    /** There is no terminal. */
    @Override
    public void resize(int rows, int columns) {}

    @Override
    public void kill() {
        KeptShells.Kept shell;
        ExecSession other;
        synchronized (this) {
            killed = true;
            shell = kept;
            other = alone;
        }
        if (other != null) {
            other.kill();
        } else if (shell != null && !exited.isDone()) {
            shells.discard(shell);
        }
    }
}
