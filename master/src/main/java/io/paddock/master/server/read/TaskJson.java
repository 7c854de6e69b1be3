package io.paddock.master.server.read;

import com.fasterxml.jackson.core.JsonGenerator;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.domain.WithoutSecrets;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.Label;
import io.paddock.proto.v1.Labels;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.Value;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Tasks and executors as the older endpoints print them. Statuses also carry source, reason and message, which Mesos left out. */
final class TaskJson {
    private TaskJson() {}

    static void tasks(JsonGenerator out, String name, List<Task> tasks) throws IOException {
        out.writeArrayFieldStart(name);
        for (Task task : tasks) {
            task(out, task);
        }
        out.writeEndArray();
    }

    static void task(JsonGenerator out, Task task) throws IOException {
        out.writeStartObject();
        out.writeStringField("id", task.getTaskId().getValue());
        out.writeStringField("name", task.getName());
        out.writeStringField("framework_id", task.getFrameworkId().getValue());
        out.writeStringField("executor_id", task.getExecutorId().getValue());
        out.writeStringField("slave_id", task.getAgentId().getValue());
        out.writeStringField("state", task.getState().name());
        resources(out, task.getResourcesList());
        if (task.getLimitsCount() > 0) {
            out.writeObjectFieldStart("limits");
            for (Map.Entry<String, Value.Scalar> limit : task.getLimitsMap().entrySet()) {
                ResourceJson.number(out, limit.getKey(), limit.getValue().getValue());
            }
            out.writeEndObject();
        }
        out.writeArrayFieldStart("statuses");
        for (TaskStatus status : task.getStatusesList()) {
            status(out, status);
        }
        out.writeEndArray();
        if (task.hasUser()) {
            out.writeStringField("user", task.getUser());
        }
        if (task.hasLabels()) {
            labels(out, task.getLabels());
        }
        if (task.hasDiscovery()) {
            out.writeFieldName("discovery");
            JsonCodec.write(task.getDiscovery(), out);
        }
        if (task.hasContainer()) {
            out.writeFieldName("container");
            JsonCodec.write(task.getContainer(), out);
        }
        if (task.hasHealthCheck()) {
            out.writeFieldName("health_check");
            JsonCodec.write(task.getHealthCheck(), out);
        }
        out.writeEndObject();
    }

    static void executor(JsonGenerator out, String frameworkId, String agentId, ExecutorInfo info) throws IOException {
        out.writeStartObject();
        out.writeStringField("executor_id", info.getExecutorId().getValue());
        out.writeStringField("name", info.getName());
        out.writeStringField("framework_id", frameworkId);
        if (info.hasCommand()) {
            command(out, info.getCommand());
        }
        resources(out, info.getResourcesList());
        if (info.hasLabels()) {
            labels(out, info.getLabels());
        }
        if (info.hasType()) {
            out.writeStringField("type", info.getType().name());
        }
        out.writeStringField("slave_id", agentId);
        out.writeEndObject();
    }

    static void labels(JsonGenerator out, Labels labels) throws IOException {
        out.writeArrayFieldStart("labels");
        for (Label label : labels.getLabelsList()) {
            out.writeStartObject();
            out.writeStringField("key", label.getKey());
            if (label.hasValue()) {
                out.writeStringField("value", label.getValue());
            }
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private static void status(JsonGenerator out, TaskStatus status) throws IOException {
        out.writeStartObject();
        out.writeStringField("state", status.getState().name());
        ResourceJson.number(out, "timestamp", status.getTimestamp());
        if (status.hasLabels()) {
            labels(out, status.getLabels());
        }
        if (status.hasContainerStatus()) {
            out.writeFieldName("container_status");
            JsonCodec.write(status.getContainerStatus(), out);
        }
        if (status.hasHealthy()) {
            out.writeBooleanField("healthy", status.getHealthy());
        }
        if (status.hasSource()) {
            out.writeStringField("source", status.getSource().name());
        }
        if (status.hasReason()) {
            out.writeStringField("reason", status.getReason().name());
        }
        if (status.hasMessage()) {
            out.writeStringField("message", status.getMessage());
        }
        out.writeEndObject();
    }

    private static void command(JsonGenerator out, CommandInfo command) throws IOException {
        out.writeObjectFieldStart("command");
        out.writeBooleanField("shell", command.getShell());
        if (command.hasValue()) {
            out.writeStringField("value", command.getValue());
        }
        out.writeArrayFieldStart("argv");
        for (String argument : command.getArgumentsList()) {
            out.writeString(argument);
        }
        out.writeEndArray();
        if (command.hasEnvironment()) {
            out.writeFieldName("environment");
            JsonCodec.write(WithoutSecrets.of(command.getEnvironment()), out);
        }
        out.writeArrayFieldStart("uris");
        for (CommandInfo.URI uri : command.getUrisList()) {
            out.writeStartObject();
            out.writeStringField("value", uri.getValue());
            out.writeBooleanField("executable", uri.getExecutable());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private static void resources(JsonGenerator out, List<Resource> messages) throws IOException {
        Resources resources = ResourceMessages.fromMessages(messages);
        ResourceJson.field(out, "resources", resources);
        String role =
                messages.isEmpty() ? "*" : messages.get(0).getAllocationInfo().getRole();
        out.writeStringField("role", role.isEmpty() ? "*" : role);
    }
}
