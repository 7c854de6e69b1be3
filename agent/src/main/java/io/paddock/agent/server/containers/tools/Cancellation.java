package io.paddock.agent.server.containers.tools;

import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** Lets another thread stop a sequence of tool calls: the running tool is killed, the next one is not started. */
public final class Cancellation {
    private boolean cancelled;
    private @Nullable Process running;

    public synchronized void cancel() {
        cancelled = true;
        if (running != null) {
            Tools.killTree(running);
        }
    }

    public synchronized boolean cancelled() {
        return cancelled;
    }

    /** Throws when cancelled: call it between steps. */
    public synchronized void check() {
        if (cancelled) {
            throw new CancellationException("stopped on request");
        }
    }

    synchronized void started(Process process) {
        running = process;
        if (cancelled) {
            Tools.killTree(process);
        }
    }

    synchronized void ended() {
        running = null;
    }
}
