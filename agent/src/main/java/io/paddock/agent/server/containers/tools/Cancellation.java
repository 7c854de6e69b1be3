package io.paddock.agent.server.containers.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** Lets another thread stop a sequence of tool calls: the running tool is killed, the next one is not started. */
public final class Cancellation {
    private boolean cancelled;
    private @Nullable Runnable kill; // of the running tool
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

    /** Does not block: the running tool is killed soon. */
    public synchronized void cancel() {
        cancelled = true;
        if (kill != null) {
            kill.run();
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

    /** @param killing must not block */
    synchronized void started(Runnable killing) {
        kill = killing;
        if (cancelled) {
            killing.run();
        }
    }

    synchronized void ended() {
        kill = null;
    }
}
