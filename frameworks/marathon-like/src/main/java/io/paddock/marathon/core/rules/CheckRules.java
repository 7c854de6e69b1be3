package io.paddock.marathon.core.rules;

import io.paddock.marathon.core.launch.PortNames;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Checks.HealthCheck;
import io.paddock.marathon.core.model.Checks.Probe;
import io.paddock.marathon.core.model.Checks.Protocol;
import io.paddock.marathon.core.model.Checks.ReadinessCheck;
import io.paddock.marathon.core.model.Container;
import java.util.List;

/** Rules of health and readiness checks. */
final class CheckRules {
    private CheckRules() {}

    static void check(App app, Found found) {
        List<HealthCheck> health = app.checks().health();
        for (int i = 0; i < health.size(); i++) {
            checkHealth(app, health.get(i), "/healthChecks(" + i + ")", found);
        }
        long byExecutor =
                health.stream().filter(h -> !h.protocol().askedByMarathon()).count();
        if (byExecutor > 1) {
            found.add("/healthChecks", "must have at most one of COMMAND, MESOS_HTTP, MESOS_HTTPS and MESOS_TCP");
        }
        Probe probe = app.checks().check();
        if (probe != null && app.container().type() == Container.Type.DOCKER) {
            found.add("/check", "cannot be used with container type DOCKER");
        }
        if (app.checks().readiness().size() > 1) {
            found.add("/readinessChecks", "must have at most one element");
        }
        for (int i = 0; i < app.checks().readiness().size(); i++) {
            checkReadiness(app, app.checks().readiness().get(i), "/readinessChecks(" + i + ")", found);
        }
    }

    private static void checkHealth(App app, HealthCheck h, String path, Found found) {
        if (h.protocol() == Protocol.COMMAND) {
            if (h.command() == null || h.command().isEmpty()) {
                found.add(path + "/command", "must be given for a COMMAND check");
            }
            return;
        }
        int ports = PortNames.count(app);
        Integer index = h.portIndex();
        if (index != null && h.port() != null) {
            found.add(path, "must not have both port and portIndex");
        }
        if (index != null && index >= ports) {
            found.add(path + "/portIndex", "must be the index of one of the app's " + ports + " ports, is " + index);
        }
        if (index == null && h.port() == null) {
            found.add(path, "must have a port or a portIndex");
        }
        if (!h.ipProtocol().equals("IPv4") && !h.ipProtocol().equals("IPv6")) {
            found.add(path + "/ipProtocol", "must be IPv4 or IPv6, is '" + h.ipProtocol() + "'");
        }
        if (h.path() != null && !h.path().startsWith("/")) {
            found.add(path + "/path", "must start with a slash, is '" + h.path() + "'");
        }
    }

    private static void checkReadiness(App app, ReadinessCheck check, String path, Found found) {
        if (check.timeoutSeconds() >= check.intervalSeconds()) {
            found.add(path + "/timeoutSeconds", "must be less than intervalSeconds");
        }
        boolean known = PortNames.of(app, List.of()).stream()
                .anyMatch(p -> check.portName().equals(p.name()));
        if (!known) {
            found.add(path + "/portName", "must be the name of one of the app's ports, is '" + check.portName() + "'");
        }
    }
}
