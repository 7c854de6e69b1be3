package io.paddock.marathon.server.json;

import io.paddock.marathon.core.model.Checks;
import io.paddock.marathon.core.model.Checks.HealthCheck;
import io.paddock.marathon.core.model.Checks.Probe;
import io.paddock.marathon.core.model.Checks.Protocol;
import io.paddock.marathon.core.model.Checks.ReadinessCheck;
import io.paddock.marathon.core.model.Container;
import io.paddock.marathon.core.model.Networking;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads health checks, the reported check and readiness checks. */
final class CheckReader {
    private CheckReader() {}

    static Checks checks(JsonIn in, Checks base, Networking networking, Container container) {
        boolean hasPorts = networking.isHost()
                ? !networking.portDefinitions().isEmpty()
                : !container.portMappings().isEmpty();
        return new Checks(
                in.has("healthChecks") ? in.list("healthChecks", h -> health(h, hasPorts)) : base.health(),
                in.has("check") ? in.object("check").map(CheckReader::probe).orElse(null) : base.check(),
                in.has("readinessChecks") ? in.list("readinessChecks", CheckReader::readiness) : base.readiness());
    }

    private static HealthCheck health(JsonIn in, boolean hasPorts) {
        Protocol protocol = in.oneOf("protocol", Protocol.class, Protocol.HTTP);
        Integer port = in.integer("port", 0);
        Integer index = in.integer("portIndex", 0);
        if (port == null && index == null && protocol != Protocol.COMMAND && hasPorts) {
            index = 0;
        }
        Optional<JsonIn> command = in.object("command");
        return new HealthCheck(
                protocol,
                in.text("path", null),
                index,
                port,
                command.map(c -> c.has("command") ? c.text("command", "") : c.requiredText("value"))
                        .orElse(null),
                in.integer("gracePeriodSeconds", 0, 300),
                in.integer("intervalSeconds", 0, 60),
                in.integer("timeoutSeconds", 0, 20),
                in.integer("maxConsecutiveFailures", 0, 3),
                in.flag("ignoreHttp1xx"),
                String.valueOf(in.text("ipProtocol", "IPv4")),
                in.integer("delaySeconds", 0, 15));
    }

    private static @Nullable Probe probe(JsonIn in) {
        Optional<JsonIn> http = in.object("http");
        Optional<JsonIn> tcp = in.object("tcp");
        Optional<JsonIn> exec = in.object("exec");
        long kinds =
                List.of(http, tcp, exec).stream().filter(Optional::isPresent).count();
        if (kinds != 1) {
            in.wrong("must have exactly one of http, tcp and exec");
            return null;
        }
        Optional<JsonIn> at = http.isPresent() ? http : tcp;
        Probe.Kind kind = http.isPresent() ? Probe.Kind.HTTP : tcp.isPresent() ? Probe.Kind.TCP : Probe.Kind.EXEC;
        return new Probe(
                kind,
                at.map(a -> a.integer("portIndex", 0)).orElse(null),
                at.map(a -> a.integer("port", 0)).orElse(null),
                http.map(h -> h.text("path", null)).orElse(null),
                http.map(h -> h.text("scheme", null)).orElse(null),
                exec.flatMap(e -> e.object("command"))
                        .map(c -> c.has("shell") ? c.text("shell", "") : c.requiredText("value"))
                        .orElse(null),
                in.integer("intervalSeconds", 0, 60),
                in.integer("timeoutSeconds", 0, 20),
                in.integer("delaySeconds", 0, 15));
    }

    private static ReadinessCheck readiness(JsonIn in) {
        Protocol protocol = in.oneOf("protocol", Protocol.class, Protocol.HTTP);
        if (protocol != Protocol.HTTP && protocol != Protocol.HTTPS) {
            in.wrong("protocol", "error.unknown.enum.literal: expected HTTP or HTTPS");
        }
        List<Integer> codes = in.list("httpStatusCodesForReady", c -> c.node().asInt());
        return new ReadinessCheck(
                String.valueOf(in.text("name", "readinessCheck")),
                protocol,
                String.valueOf(in.text("path", "/")),
                String.valueOf(in.text("portName", "http-api")),
                in.integer("intervalSeconds", 1, 30),
                in.integer("timeoutSeconds", 1, 10),
                codes.isEmpty() ? List.of(200) : codes,
                in.flag("preserveLastResponse", false));
    }
}
