package io.paddock.agent.server.containers;

import io.paddock.common.Signals;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How a container ended.
 *
 * @param status the status of wait(2): exit code in the second byte, signal in the first
 * @param limitation the bound it was ended for, if any
 * @param at when it was noticed
 */
public record Exit(int status, Optional<Limitation> limitation, Instant at) {
    /** A resource bound that ended a container: the reason of the task's failure, numbers in the message. */
    public record Limitation(TaskStatus.Reason reason, String message, List<Resource> resources) {
        public Limitation {
            resources = List.copyOf(resources);
        }
    }

    /** Ended by itself with this code. */
    public static Exit code(int code, Instant at) {
        return new Exit((code & 0xff) << 8, Optional.empty(), at);
    }

    /** Ended by this signal. */
    public static Exit signal(int signal, Instant at) {
        return new Exit(signal & 0x7f, Optional.empty(), at);
    }

    /** From a shell-like code, in which 128 + n stands for signal n. */
    public static Exit shellCode(int code, Instant at) {
        return code > 128 && code <= 128 + 64 ? signal(code - 128, at) : code(code, at);
    }

    public boolean signaled() {
        return (status & 0x7f) != 0;
    }

    /** The signal, or 0. */
    public int signal() {
        return status & 0x7f;
    }

    /** The exit code; 128 + signal when ended by one. */
    public int exitCode() {
        return signaled() ? 128 + signal() : (status >> 8) & 0xff;
    }

    public boolean succeeded() {
        return status == 0 && limitation.isEmpty();
    }

    public Exit limitedBy(Limitation bound) {
        return new Exit(status, Optional.of(bound), at);
    }

    /** In the words of the Mesos command executor. */
    public String message() {
        if (limitation.isPresent()) {
            return limitation.get().message();
        }
        return signaled()
                ? "Command terminated with signal " + Signals.describe(signal())
                : "Command exited with status " + exitCode();
    }
}
