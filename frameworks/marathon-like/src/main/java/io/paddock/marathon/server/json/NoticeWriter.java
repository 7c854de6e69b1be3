package io.paddock.marathon.server.json;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.Notice;
import io.paddock.marathon.core.deploy.Deployment;
import io.paddock.marathon.core.instance.Agent;
import io.paddock.marathon.core.instance.Condition;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.Stamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes notices as the events of Marathon's stream. Some notices are two events. */
public final class NoticeWriter {
    private NoticeWriter() {}

    /** The events of a notice; each has its name in {@code eventType}. */
    public static List<ObjectNode> write(Notice notice, Instant at) {
        List<ObjectNode> events = new ArrayList<>();
        if (notice instanceof Notice.AppPosted n) {
            ObjectNode e = event(events, "api_post_event");
            e.put("clientIp", n.origin().clientIp()).put("uri", n.origin().uri());
            e.set("appDefinition", AppWriter.write(n.app()));
        } else if (notice instanceof Notice.Registered n) {
            ObjectNode e = event(events, n.again() ? "scheduler_reregistered_event" : "scheduler_registered_event");
            if (!n.again()) {
                e.put("frameworkId", n.frameworkId());
            }
            e.put("master", n.master());
        } else if (notice instanceof Notice.Disconnected) {
            event(events, "scheduler_disconnected_event");
        } else if (notice instanceof Notice.GroupChanged n) {
            event(events, "group_change_success")
                    .put("groupId", n.group().text())
                    .put("version", Stamp.format(n.version()));
        } else if (notice instanceof Notice.AppTerminated n) {
            event(events, "app_terminated_event").put("appId", n.app().text());
        } else if (notice instanceof Notice.FrameworkMessage n) {
            event(events, "framework_message_event")
                    .put("executorId", n.executorId())
                    .put("slaveId", n.agentId())
                    .put("message", n.message());
        } else if (!writeHealth(notice, events) && !writeInstance(notice, events)) {
            writeDeployment(notice, events);
        }
        events.forEach(e -> e.put("timestamp", Stamp.format(at)));
        return events;
    }

    private static boolean writeHealth(Notice notice, List<ObjectNode> events) {
        if (notice instanceof Notice.HealthCheckAdded n) {
            ObjectNode e = event(events, "add_health_check_event");
            e.put("appId", n.app().text()).put("version", Stamp.format(n.version()));
            e.set("healthCheck", AppWriter.health(n.check()));
        } else if (notice instanceof Notice.HealthCheckRemoved n) {
            event(events, "remove_health_check_event").put("appId", n.app().text());
        } else if (notice instanceof Notice.HealthCheckFailed n) {
            ObjectNode e = event(events, "failed_health_check_event");
            e.put("appId", n.app().text()).put("taskId", n.instanceId());
            e.set("healthCheck", AppWriter.health(n.check()));
        } else if (notice instanceof Notice.HealthChanged n) {
            writeHealthChange(n, events);
        } else if (notice instanceof Notice.UnhealthyKilled n) {
            Agent agent = n.instance().agent();
            event(events, "unhealthy_instance_kill_event")
                    .put("appId", n.instance().app().text())
                    .put("taskId", n.instance().taskId())
                    .put("instanceId", n.instance().id())
                    .put("version", Stamp.format(n.instance().version()))
                    .put("reason", n.reason())
                    .put("host", agent == null ? "" : agent.host())
                    .put("slaveId", agent == null ? "" : agent.id());
        } else {
            return false;
        }
        return true;
    }

    private static void writeHealthChange(Notice.HealthChanged n, List<ObjectNode> events) {
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
    }

    private static boolean writeInstance(Notice notice, List<ObjectNode> events) {
        if (notice instanceof Notice.StatusUpdated n) {
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
        } else if (notice instanceof Notice.InstanceMoved n) {
            Agent agent = n.instance().agent();
            event(events, "instance_changed_event")
                    .put("instanceId", n.instance().id())
                    .put("condition", conditionName(n.condition()))
                    .put("runSpecId", n.instance().app().text())
                    .put("agentId", agent == null ? null : agent.id())
                    .put("host", agent == null ? null : agent.host())
                    .put("runSpecVersion", Stamp.format(n.instance().version()));
        } else if (notice instanceof Notice.UnknownInstanceTerminated n) {
            event(events, "unknown_instance_terminated_event")
                    .put("instanceId", n.instanceId())
                    .put("runSpecId", "")
                    .put("condition", conditionName(n.condition()));
        } else {
            return false;
        }
        return true;
    }

    private static void writeDeployment(Notice notice, List<ObjectNode> events) {
        if (notice instanceof Notice.StepBegan n) {
            Deployment d = n.deployment();
            ObjectNode e = event(events, "deployment_info");
            e.set("plan", DeploymentWriter.plan(d));
            e.set("currentStep", DeploymentWriter.step(d.currentActions()));
        } else if (notice instanceof Notice.StepSucceeded n) {
            ObjectNode e = event(events, "deployment_step_success");
            e.set("plan", DeploymentWriter.plan(n.deployment()));
            e.set("currentStep", DeploymentWriter.step(n.step()));
        } else if (notice instanceof Notice.DeploymentSucceeded n) {
            ended(events, "deployment_success", n.deployment(), null);
        } else if (notice instanceof Notice.DeploymentFailed n) {
            ended(events, "deployment_failed", n.deployment(), n.reason());
        }
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

    private static String conditionName(Condition condition) {
        return condition.apiName();
    }
}
