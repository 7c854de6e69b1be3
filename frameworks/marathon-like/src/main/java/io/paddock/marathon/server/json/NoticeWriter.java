package io.paddock.marathon.server.json;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.Notice;
import io.paddock.marathon.core.deploy.Deployment;
import io.paddock.marathon.core.instance.Agent;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.Stamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes notices as the events of Marathon's stream. Some notices are two events. */
public final class NoticeWriter implements Notice.Handler<List<ObjectNode>> {
    private static final NoticeWriter WRITER = new NoticeWriter();

    private NoticeWriter() {}

    /** The events of a notice; each has its name in {@code eventType}. */
    public static List<ObjectNode> write(Notice notice, Instant at) {
        List<ObjectNode> events = notice.handle(WRITER);
        events.forEach(e -> e.put("timestamp", Stamp.format(at)));
        return events;
    }

    @Override
    public List<ObjectNode> appPosted(Notice.AppPosted n) {
        List<ObjectNode> events = new ArrayList<>();
        ObjectNode e = event(events, "api_post_event");
        e.put("clientIp", n.origin().clientIp()).put("uri", n.origin().uri());
        e.set("appDefinition", AppWriter.write(n.app()));
        return events;
    }

    @Override
    public List<ObjectNode> registered(Notice.Registered n) {
        List<ObjectNode> events = new ArrayList<>();
        ObjectNode e = event(events, n.again() ? "scheduler_reregistered_event" : "scheduler_registered_event");
        if (!n.again()) {
            e.put("frameworkId", n.frameworkId());
        }
        e.put("master", n.master());
        return events;
    }

    @Override
    public List<ObjectNode> disconnected(Notice.Disconnected n) {
        List<ObjectNode> events = new ArrayList<>();
        event(events, "scheduler_disconnected_event");
        return events;
    }

    @Override
    public List<ObjectNode> healthCheckAdded(Notice.HealthCheckAdded n) {
        List<ObjectNode> events = new ArrayList<>();
        ObjectNode e = event(events, "add_health_check_event");
        e.put("appId", n.app().text()).put("version", Stamp.format(n.version()));
        e.set("healthCheck", AppWriter.health(n.check()));
        return events;
    }

    @Override
    public List<ObjectNode> healthCheckRemoved(Notice.HealthCheckRemoved n) {
        List<ObjectNode> events = new ArrayList<>();
        event(events, "remove_health_check_event").put("appId", n.app().text());
        return events;
    }

    @Override
    public List<ObjectNode> healthCheckFailed(Notice.HealthCheckFailed n) {
        List<ObjectNode> events = new ArrayList<>();
        ObjectNode e = event(events, "failed_health_check_event");
        e.put("appId", n.app().text()).put("taskId", n.instanceId());
        e.set("healthCheck", AppWriter.health(n.check()));
        return events;
    }

    @Override
    public List<ObjectNode> healthChanged(Notice.HealthChanged n) {
        List<ObjectNode> events = new ArrayList<>();
        Instance i = n.instance();
        if (n.healthy() != null) {
            event(events, "health_status_changed_event")
                    .put("appId", i.app().text())
                    .put("instanceId", i.id())
                    .put("version", Stamp.format(i.version()))
                    .put("alive", n.healthy());
        }
        event(events, "instance_health_changed_event")
                .put("instanceId", i.id())
                .put("runSpecId", i.app().text())
                .put("healthy", n.healthy())
                .put("runSpecVersion", Stamp.format(i.version()));
        return events;
    }

    @Override
    public List<ObjectNode> unhealthyKilled(Notice.UnhealthyKilled n) {
        List<ObjectNode> events = new ArrayList<>();
        Agent agent = n.instance().agent();
        event(events, "unhealthy_instance_kill_event")
                .put("appId", n.instance().app().text())
                .put("taskId", n.instance().taskId())
                .put("instanceId", n.instance().id())
                .put("version", Stamp.format(n.instance().version()))
                .put("reason", n.reason())
                .put("host", agent == null ? "" : agent.host())
                .put("slaveId", agent == null ? "" : agent.id());
        return events;
    }

    @Override
    public List<ObjectNode> groupChanged(Notice.GroupChanged n) {
        List<ObjectNode> events = new ArrayList<>();
        event(events, "group_change_success")
                .put("groupId", n.group().text())
                .put("version", Stamp.format(n.version()));
        return events;
    }

    @Override
    public List<ObjectNode> stepBegan(Notice.StepBegan n) {
        List<ObjectNode> events = new ArrayList<>();
        Deployment d = n.deployment();
        ObjectNode e = event(events, "deployment_info");
        e.set("plan", DeploymentWriter.plan(d));
        e.set("currentStep", DeploymentWriter.step(d.currentActions()));
        return events;
    }

    @Override
    public List<ObjectNode> stepSucceeded(Notice.StepSucceeded n) {
        List<ObjectNode> events = new ArrayList<>();
        ObjectNode e = event(events, "deployment_step_success");
        e.set("plan", DeploymentWriter.plan(n.deployment()));
        e.set("currentStep", DeploymentWriter.step(n.step()));
        return events;
    }

    @Override
    public List<ObjectNode> deploymentSucceeded(Notice.DeploymentSucceeded n) {
        List<ObjectNode> events = new ArrayList<>();
        ended(events, "deployment_success", n.deployment(), null);
        return events;
    }

    @Override
    public List<ObjectNode> deploymentFailed(Notice.DeploymentFailed n) {
        List<ObjectNode> events = new ArrayList<>();
        ended(events, "deployment_failed", n.deployment(), n.reason());
        return events;
    }

    @Override
    public List<ObjectNode> appTerminated(Notice.AppTerminated n) {
        List<ObjectNode> events = new ArrayList<>();
        event(events, "app_terminated_event").put("appId", n.app().text());
        return events;
    }

    @Override
    public List<ObjectNode> statusUpdated(Notice.StatusUpdated n) {
        List<ObjectNode> events = new ArrayList<>();
        Instance i = n.instance();
        Agent agent = i.agent();
        ObjectNode e = event(events, "status_update_event");
        e.put("slaveId", agent == null ? "" : agent.id());
        e.put("taskId", n.taskId()).put("taskStatus", n.taskStatus()).put("message", n.message());
        e.put("appId", i.app().text()).put("host", agent == null ? "" : agent.host());
        e.set("ipAddresses", TaskWriter.addresses(i.addresses()));
        ArrayNode ports = e.putArray("ports");
        TaskWriter.hostPorts(i).forEach(ports::add);
        e.put("version", Stamp.format(i.version()));
        return events;
    }

    @Override
    public List<ObjectNode> instanceMoved(Notice.InstanceMoved n) {
        List<ObjectNode> events = new ArrayList<>();
        Agent agent = n.instance().agent();
        event(events, "instance_changed_event")
                .put("instanceId", n.instance().id())
                .put("condition", n.condition().apiName())
                .put("runSpecId", n.instance().app().text())
                .put("agentId", agent == null ? null : agent.id())
                .put("host", agent == null ? null : agent.host())
                .put("runSpecVersion", Stamp.format(n.instance().version()));
        return events;
    }

    @Override
    public List<ObjectNode> unknownInstanceTerminated(Notice.UnknownInstanceTerminated n) {
        List<ObjectNode> events = new ArrayList<>();
        event(events, "unknown_instance_terminated_event")
                .put("instanceId", n.instanceId())
                .put("runSpecId", "")
                .put("condition", n.condition().apiName());
        return events;
    }

    @Override
    public List<ObjectNode> frameworkMessage(Notice.FrameworkMessage n) {
        List<ObjectNode> events = new ArrayList<>();
        event(events, "framework_message_event")
                .put("executorId", n.executorId())
                .put("slaveId", n.agentId())
                .put("message", n.message());
        return events;
    }

    private static void ended(List<ObjectNode> events, String name, Deployment d, @Nullable String reason) {
        ObjectNode e = event(events, name).put("id", d.id());
        e.set("plan", DeploymentWriter.plan(d));
        AppWriter.text(e, "reason", reason);
    }

    private static ObjectNode event(List<ObjectNode> events, String name) {
        ObjectNode event = AppWriter.NODES.objectNode().put("eventType", name);
        events.add(event);
        return event;
    }
}
