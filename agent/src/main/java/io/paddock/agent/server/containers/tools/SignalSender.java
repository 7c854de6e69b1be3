package io.paddock.agent.server.containers.tools;

import io.paddock.common.Signals;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Sends signals to processes that may be gone already. */
public final class SignalSender {
    static final Duration LONGEST_TO_LISTEN = Duration.ofSeconds(1);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(1);

    private final Tools tools;

    public SignalSender(Tools tools) {
        this.tools = tools;
    }

    /**
     * Sends a signal to process 1 of a namespace, which loses all but SIGKILL that come before it handles or blocks them. Waits until
     * it does, for a second at most: blocks.
     */
    public void sendToInit(int signal, long init) throws IOException {
        long until = System.nanoTime() + LONGEST_TO_LISTEN.toNanos();
        while (signal != Signals.SIGKILL && !Processes.hears(init, Signals.SIGTERM) && System.nanoTime() < until) {
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        }
        send(signal, List.of(init));
    }

    public void send(int signal, List<Long> pids) throws IOException {
        if (pids.isEmpty()) {
            return;
        }
        if (signal == Signals.SIGTERM) {
            pids.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy));
        } else if (signal == Signals.SIGKILL) {
            pids.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        } else {
            List<String> argv = new ArrayList<>(List.of("/bin/sh", "-c", "kill -" + signal + " \"$@\"", "kill"));
            pids.forEach(pid -> argv.add(Long.toString(pid)));
            // Its exit code tells of processes that are gone, which is no error.
            tools.attempt(ToolCall.of(argv), new Cancellation());
        }
    }
}
