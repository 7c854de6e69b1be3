package io.paddock.executor.core;

import io.paddock.proto.v1.CheckInfo;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.HealthCheck;
import io.paddock.proto.v1.NetworkInfo;
import io.paddock.proto.v1.TaskInfo;
import java.util.Optional;

/** What to try when checking a task. */
public sealed interface Probe {
    /** Run a command in the task's container; exit status 0 passes. */
    record Command(CommandInfo command) implements Probe {}

    /** GET a page, following redirects; the certificate of an https server is not verified. */
    record Http(String scheme, int port, String path, boolean ipv6) implements Probe {}

    /** Connect and close again. */
    record Tcp(int port, boolean ipv6) implements Probe {}

    /**
     * The probe of a health check.
     *
     * @throws IllegalArgumentException when its type is unknown
     */
    static Probe of(HealthCheck check) {
        return switch (type(check)) {
            case COMMAND -> new Command(check.getCommand());
            case HTTP -> {
                HealthCheck.HTTPCheckInfo http = check.getHttp();
                yield new Http(
                        http.hasScheme() ? http.getScheme() : "http",
                        http.getPort(),
                        path(http.getPath()),
                        ipv6(http.getProtocol()));
            }
            case TCP -> new Tcp(check.getTcp().getPort(), ipv6(check.getTcp().getProtocol()));
            case UNKNOWN -> throw new IllegalArgumentException("health_check.type is not set");
        };
    }

    /** The probe of a check; see {@link #of(HealthCheck)}. */
    static Probe of(CheckInfo check) {
        return switch (check.getType()) {
            case COMMAND -> new Command(check.getCommand().getCommand());
            case HTTP ->
                new Http("http", check.getHttp().getPort(), path(check.getHttp().getPath()), false);
            case TCP -> new Tcp(check.getTcp().getPort(), false);
            case UNKNOWN -> throw new IllegalArgumentException("check.type is not set");
        };
    }

    /** Old frameworks leave the type out: what is given tells it. */
    private static HealthCheck.Type type(HealthCheck check) {
        if (check.getType() != HealthCheck.Type.UNKNOWN) {
            return check.getType();
        }
        if (check.hasHttp()) {
            return HealthCheck.Type.HTTP;
        }
        if (check.hasTcp()) {
            return HealthCheck.Type.TCP;
        }
        return check.hasCommand() ? HealthCheck.Type.COMMAND : HealthCheck.Type.UNKNOWN;
    }

    /** What is wrong with the checks of a task; empty when they can be run. */
    static Optional<String> problem(TaskInfo task) {
        try {
            if (task.hasHealthCheck()) {
                of(task.getHealthCheck());
            }
            if (task.hasCheck()) {
                of(task.getCheck());
            }
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static String path(String path) {
        return path.startsWith("/") ? path : "/" + path;
    }

    private static boolean ipv6(NetworkInfo.Protocol protocol) {
        return protocol == NetworkInfo.Protocol.IPv6;
    }
}
