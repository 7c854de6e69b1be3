package io.paddock.marathon.core.launch;

import io.paddock.marathon.core.launch.PortNames.TaskPort;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Checks;
import io.paddock.marathon.core.model.Checks.Probe;
import io.paddock.proto.v1.CheckInfo;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.HealthCheck;
import io.paddock.proto.v1.NetworkInfo;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The checks an executor runs: COMMAND and MESOS health checks, and the reported check. */
final class CheckMessages {
    private CheckMessages() {}

    static Optional<HealthCheck> healthCheck(App app, List<TaskPort> ports) {
        return app.checks().health().stream()
                .filter(h -> !h.protocol().askedByMarathon())
                .findFirst()
                .map(h -> message(h, ports));
    }

    private static HealthCheck message(Checks.HealthCheck h, List<TaskPort> ports) {
        HealthCheck.Builder message = HealthCheck.newBuilder()
                .setDelaySeconds(h.delaySeconds())
                .setIntervalSeconds(h.intervalSeconds())
                .setTimeoutSeconds(h.timeoutSeconds())
                .setConsecutiveFailures(h.maxConsecutiveFailures())
                .setGracePeriodSeconds(h.gracePeriodSeconds());
        NetworkInfo.Protocol ip = NetworkInfo.Protocol.valueOf(h.ipProtocol());
        int port = port(h.port(), h.portIndex(), ports);
        switch (h.protocol()) {
            case COMMAND:
                return message.setType(HealthCheck.Type.COMMAND)
                        .setCommand(CommandInfo.newBuilder().setValue(h.command() == null ? "" : h.command()))
                        .build();
            case MESOS_TCP:
                message.setType(HealthCheck.Type.TCP);
                message.getTcpBuilder().setPort(port).setProtocol(ip);
                return message.build();
            case MESOS_HTTP:
            case MESOS_HTTPS:
                message.setType(HealthCheck.Type.HTTP);
                message.getHttpBuilder()
                        .setPort(port)
                        .setProtocol(ip)
                        .setScheme(h.protocol() == Checks.Protocol.MESOS_HTTPS ? "https" : "http")
                        .setPath(h.path() == null ? "/" : h.path());
                return message.build();
            case HTTP:
            case HTTPS:
            case TCP:
                break;
        }
        throw new AssertionError(h.protocol());
    }

    static Optional<CheckInfo> check(App app, List<TaskPort> ports) {
        Probe probe = app.checks().check();
        if (probe == null) {
            return Optional.empty();
        }
        CheckInfo.Builder message = CheckInfo.newBuilder()
                .setIntervalSeconds(probe.intervalSeconds())
                .setTimeoutSeconds(probe.timeoutSeconds())
                .setDelaySeconds(probe.delaySeconds())
                .setType(CheckInfo.Type.valueOf(typeName(probe.kind())));
        switch (probe.kind()) {
            case HTTP:
                message.getHttpBuilder()
                        .setPort(port(probe.port(), probe.portIndex(), ports))
                        .setPath(probe.path() == null ? "/" : probe.path());
                break;
            case TCP:
                message.getTcpBuilder().setPort(port(probe.port(), probe.portIndex(), ports));
                break;
            case EXEC:
                message.getCommandBuilder()
                        .getCommandBuilder()
                        .setValue(probe.command() == null ? "" : probe.command());
                break;
        }
        return Optional.of(message.build());
    }

    private static String typeName(Probe.Kind kind) {
        return kind == Probe.Kind.EXEC ? "COMMAND" : kind.name().toUpperCase(Locale.ROOT);
    }

    private static int port(@Nullable Integer port, @Nullable Integer index, List<TaskPort> ports) {
        if (index != null && index < ports.size()) {
            return ports.get(index).effective();
        }
        return port == null ? 0 : port;
    }
}
