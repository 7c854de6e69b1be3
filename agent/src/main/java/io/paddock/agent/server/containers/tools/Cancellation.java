package io.paddock.agent.server.containers.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** Lets another thread stop a sequence of tool calls: the running tool is killed, the next one is not started. */
public final class Cancellation {
    private boolean cancelled;
    private @Nullable Process running;
    private final List<Cancellation> parts = new ArrayList<>();

    /** Of a part of the work, which may be cancelled alone. */
    public synchronized Cancellation part() {
        Cancellation part = new Cancellation();
        parts.add(part);
        if (cancelled) {
            part.cancel();
        }
        return part;
    }

    public synchronized void cancel() {
        cancelled = true;
        if (running != null) {
            Tools.killTree(running);
        }
        parts.forEach(Cancellation::cancel);
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
