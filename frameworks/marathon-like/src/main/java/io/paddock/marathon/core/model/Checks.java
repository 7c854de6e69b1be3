package io.paddock.marathon.core.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How it is told whether an instance works.
 *
 * @param health an instance that fails one too often is replaced
 * @param check a check whose result is only reported, if any
 * @param readiness an instance counts in a deployment only when these pass; at most one
 */
public record Checks(List<HealthCheck> health, @Nullable Probe check, List<ReadinessCheck> readiness) {
    public static final Checks NONE = new Checks(List.of(), null, List.of());

    /** What is asked and who asks: plain ones are asked by marathon, MESOS ones and COMMAND by the executor. */
    public enum Protocol {
        HTTP(true),
        HTTPS(true),
        TCP(true),
        COMMAND(false),
        MESOS_HTTP(false),
        MESOS_HTTPS(false),
        MESOS_TCP(false);

        private final boolean byMarathon;

        Protocol(boolean byMarathon) {
            this.byMarathon = byMarathon;
        }

        public boolean askedByMarathon() {
            return byMarathon;
        }
    }

    /**
     * One health check.
     *
     * @param portIndex which declared port; absent when port is given or none is needed
     * @param command the shell line of a COMMAND check
     * @param gracePeriodSeconds failures before the first success within this time are ignored
     * @param maxConsecutiveFailures 0 for never killing
     * @param delaySeconds before the first check; executor-run checks only
     */
    public record HealthCheck(
            Protocol protocol,
            @Nullable String path,
            @Nullable Integer portIndex,
            @Nullable Integer port,
            @Nullable String command,
            int gracePeriodSeconds,
            int intervalSeconds,
            int timeoutSeconds,
            int maxConsecutiveFailures,
            @Nullable Boolean ignoreHttp1xx,
            String ipProtocol,
            int delaySeconds) {}

    /**
     * A check run by the executor whose result is only reported; exactly one of http, tcp and command.
     *
     * @param kind which of them
     */
    public record Probe(
            Kind kind,
            @Nullable Integer portIndex,
            @Nullable Integer port,
            @Nullable String path,
            @Nullable String scheme,
            @Nullable String command,
            int intervalSeconds,
            int timeoutSeconds,
            int delaySeconds) {
        /** What is asked. */
        public enum Kind {
            HTTP,
            TCP,
            EXEC
        }
    }

    /**
     * A check that tells when a started instance may count, asked by marathon during deployments.
     *
     * @param portName the declared port it is asked at
     * @param statusCodes the answers that mean ready
     * @param preserveLastResponse whether the last answer is shown
     */
    public record ReadinessCheck(
            String name,
            Protocol protocol,
            String path,
            String portName,
            int intervalSeconds,
            int timeoutSeconds,
            List<Integer> statusCodes,
            boolean preserveLastResponse) {
        public ReadinessCheck {
            statusCodes = List.copyOf(statusCodes);
        }
    }

    public Checks {
        health = List.copyOf(health);
        readiness = List.copyOf(readiness);
    }
}
