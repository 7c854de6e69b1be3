package io.paddock.marathon.server.json;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.AppView;
import io.paddock.marathon.core.TaskFailure;
import io.paddock.marathon.core.health.HealthResult;
import io.paddock.marathon.core.instance.Agent;
import io.paddock.marathon.core.instance.Condition;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.launch.PortNames;
import io.paddock.marathon.core.launch.PortNames.TaskPort;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Stamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes tasks and failures as Marathon does. */
public final class TaskWriter {
    private TaskWriter() {}

    /**
     * One task.
     *
     * @param withServicePorts only the list of all tasks fills them in
     */
    public static ObjectNode write(AppView view, Instance i, boolean withServicePorts) {
        ObjectNode out = AppWriter.NODES.objectNode();
        App app = definition(view, i);
        boolean active = !i.condition().isTerminal();
        Agent agent = i.agent();
        List<TaskPort> ports = app == null || !active ? List.of() : PortNames.of(app, i.hostPorts());
        out.set("ipAddresses", addresses(i.addresses()));
        time(out, "stagedAt", active ? i.stagedAt() : null);
        out.put("state", state(i.condition()));
        ArrayNode numbers = out.putArray("ports");
        ports.stream().filter(p -> p.hostPort() > 0).forEach(p -> numbers.add(p.hostPort()));
        time(out, "startedAt", active ? i.startedAt() : null);
        if (active) {
            out.put("version", Stamp.format(i.version()));
        }
        out.put("id", i.taskId());
        out.put("appId", i.app().text());
        if (agent != null) {
            out.put("slaveId", agent.id());
        }
        out.put("host", agent == null ? "" : agent.host());
        ArrayNode services = out.putArray("servicePorts");
        if (withServicePorts) {
            ports.forEach(p -> services.add(p.servicePort()));
        }
        ArrayNode health = out.putArray("healthCheckResults");
        for (HealthResult r : view.health().getOrDefault(i.id(), List.of())) {
            if (r.isKnown()) {
                health.add(health(r, i.id()));
            }
        }
        out.putArray("localVolumes");
        if (agent != null) {
            AppWriter.text(out, "region", agent.region());
            AppWriter.text(out, "zone", agent.zone());
        }
        return out.put("role", i.role());
    }

    /** The instances that are tasks: those with an agent. */
    public static List<Instance> placed(AppView view) {
        return view.instances().stream().filter(i -> i.condition().isPlaced()).toList();
    }

    static ArrayNode addresses(List<String> ips) {
        ArrayNode out = AppWriter.NODES.arrayNode();
        ips.forEach(ip -> out.addObject().put("ipAddress", ip).put("protocol", ip.indexOf(':') < 0 ? "IPv4" : "IPv6"));
        return out;
    }

    /** The host ports in the order they are declared. */
    static List<Integer> hostPorts(Instance i) {
        List<Integer> ports = new ArrayList<>(i.hostPorts());
        ports.removeIf(p -> p == 0);
        return ports;
    }

    /** The state users see. */
    static String state(Condition condition) {
        switch (condition) {
            case SCHEDULED:
            case PROVISIONED:
                return "TASK_STAGING";
            case UNREACHABLE_INACTIVE:
                return "TASK_UNREACHABLE";
            case STAGING:
            case STARTING:
            case RUNNING:
            case KILLING:
            case UNREACHABLE:
            case FINISHED:
            case FAILED:
            case KILLED:
            case ERROR:
            case GONE:
            case DROPPED:
            case UNKNOWN:
                return "TASK_" + condition.name();
        }
        throw new AssertionError(condition);
    }

    private static @Nullable App definition(AppView view, Instance i) {
        App exact = view.versions().get(i.version());
        return exact == null ? view.current() : exact;
    }

    private static ObjectNode health(HealthResult r, String instanceId) {
        ObjectNode out = AppWriter.NODES.objectNode();
        out.put("alive", r.isAlive()).put("consecutiveFailures", r.consecutiveFailures());
        time(out, "firstSuccess", r.firstSuccess());
        time(out, "lastFailure", r.lastFailure());
        AppWriter.text(out, "lastFailureCause", r.lastFailureCause());
        time(out, "lastSuccess", r.lastSuccess());
        return out.put("instanceId", instanceId);
    }

    static ObjectNode failure(TaskFailure f) {
        ObjectNode out = AppWriter.NODES.objectNode();
        out.put("appId", f.app().text()).put("host", f.host()).put("message", f.message());
        out.put("state", f.state()).put("taskId", f.taskId()).put("timestamp", Stamp.format(f.at()));
        out.put("version", Stamp.format(f.version()));
        AppWriter.text(out, "slaveId", f.agentId());
        return out;
    }

    static void time(ObjectNode out, String field, @Nullable Instant at) {
        if (at != null) {
            out.put(field, Stamp.format(at));
        }
    }
}
