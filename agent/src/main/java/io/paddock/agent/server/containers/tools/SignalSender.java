package io.paddock.agent.server.containers.tools;

import io.paddock.common.Signals;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Sends signals to processes that may be gone already. */
public final class SignalSender {
    private final Tools tools;

    public SignalSender(Tools tools) {
        this.tools = tools;
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
