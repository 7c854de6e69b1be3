package io.paddock.agent.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.Message;
import io.paddock.agent.core.AgentView;
import io.paddock.agent.core.AgentView.ExecutorView;
import io.paddock.agent.core.AgentView.FrameworkView;
import io.paddock.agent.core.AgentView.TaskView;
import io.paddock.agent.core.Registration;
import io.paddock.agent.core.TaskStage;
import io.paddock.common.resources.HeldResources;
import io.paddock.common.resources.Resources;
import io.paddock.platform.json.Json;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.domain.WithoutSecrets;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.Attribute;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Label;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The agent's {@code /state}, key by key as Mesos gives it. */
final class StateJson {
    private final JsonGenerator out;

    private StateJson(JsonGenerator out) {
        this.out = out;
    }

    static byte[] write(AgentView view, Map<String, String> flags, Instant startTime) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(16 << 10);
        try (JsonGenerator out = Json.mapper().getFactory().createGenerator(bytes)) {
            new StateJson(out).agent(view, flags, startTime);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private void agent(AgentView view, Map<String, String> flags, Instant startTime) throws IOException {
        out.writeStartObject();
        for (Map.Entry<String, Object> e : Versions.json().entrySet()) {
            out.writeObjectField(e.getKey(), e.getValue());
        }
        out.writeNumberField("start_time", startTime.toEpochMilli() / 1000.0);
        out.writeStringField("id", view.info().getId().getValue());
        out.writeStringField("pid", view.pid());
        out.writeStringField("hostname", view.info().getHostname());
        out.writeArrayFieldStart("capabilities");
        for (AgentInfo.Capability capability : Registration.CAPABILITIES) {
            out.writeString(capability.getType().name());
        }
        out.writeEndArray();
        if (view.info().hasDomain()) {
            message("domain", view.info().getDomain());
        }
        if (view.draining().hasConfig()) {
            message("drain_config", view.draining().getConfig());
        }
        if (view.draining().hasSince()) {
            out.writeNumberField(
                    "estimated_drain_start_time_seconds",
                    view.draining().getSince().getNanoseconds() / 1e9);
        }
        resources(view);
        out.writeArrayFieldStart("resource_providers");
        out.writeEndArray();
        out.writeObjectFieldStart("attributes");
        for (Attribute attribute : view.info().getAttributesList()) {
            attribute(attribute);
        }
        out.writeEndObject();
        if (view.master() != null) {
            out.writeStringField("master_hostname", view.master().getHostname());
        }
        for (String log : List.of("log_dir", "external_log_file")) {
            if (flags.containsKey(log)) {
                out.writeStringField(log, flags.get(log));
            }
        }
        out.writeObjectField("flags", flags);
        frameworks("frameworks", view.frameworks());
        frameworks("completed_frameworks", view.completedFrameworks());
        out.writeEndObject();
    }

    private void resources(AgentView view) throws IOException {
        Resources allocated = allocated(view).unallocated();
        out.writeFieldName("resources");
        LegacyResources.flat(out, view.totals());
        reserved("reserved_resources", view.totals());
        out.writeFieldName("unreserved_resources");
        LegacyResources.flat(out, view.totals().unreserved());
        out.writeObjectFieldStart("reserved_resources_full");
        for (Map.Entry<String, Resources> e :
                LegacyResources.byRole(view.totals()).entrySet()) {
            out.writeFieldName(e.getKey());
            LegacyResources.full(out, e.getValue());
        }
        out.writeEndObject();
        out.writeFieldName("unreserved_resources_full");
        LegacyResources.full(out, view.totals().unreserved());
        reserved("reserved_resources_allocated", allocated);
        out.writeFieldName("unreserved_resources_allocated");
        LegacyResources.flat(out, allocated.unreserved());
    }

    private void reserved(String field, Resources resources) throws IOException {
        out.writeObjectFieldStart(field);
        for (Map.Entry<String, Resources> e : LegacyResources.byRole(resources).entrySet()) {
            out.writeFieldName(e.getKey());
            LegacyResources.flat(out, e.getValue());
        }
        out.writeEndObject();
    }

    private static Resources allocated(AgentView view) {
        HeldResources held = new HeldResources();
        view.frameworks()
                .forEach(f -> f.executors().forEach(executor -> {
                    held.add(ResourceMessages.fromMessages(executor.info().getResourcesList()));
                    executor.tasks().stream()
                            .filter(task -> task.stage() != TaskStage.TERMINATED)
                            .forEach(task -> held.add(
                                    ResourceMessages.fromMessages(task.task().getResourcesList())));
                }));
        return held.sum();
    }

    private void attribute(Attribute attribute) throws IOException {
        switch (attribute.getType()) {
            case SCALAR ->
                out.writeNumberField(attribute.getName(), attribute.getScalar().getValue());
            case TEXT ->
                out.writeStringField(attribute.getName(), attribute.getText().getValue());
            case RANGES -> out.writeStringField(attribute.getName(), ranges(attribute));
            case SET ->
                out.writeStringField(
                        attribute.getName(),
                        "{" + String.join(", ", attribute.getSet().getItemList()) + "}");
        }
    }

    private static String ranges(Attribute attribute) {
        List<String> parts = new ArrayList<>();
        attribute.getRanges().getRangeList().forEach(r -> parts.add(r.getBegin() + "-" + r.getEnd()));
        return "[" + String.join(", ", parts) + "]";
    }

    private void frameworks(String field, List<FrameworkView> frameworks) throws IOException {
        out.writeArrayFieldStart(field);
        for (FrameworkView framework : frameworks) {
            framework(framework);
        }
        out.writeEndArray();
    }

    @SuppressWarnings("deprecation") // frameworks without MULTI_ROLE have the old role
    private void framework(FrameworkView framework) throws IOException {
        FrameworkInfo info = framework.info();
        out.writeStartObject();
        out.writeStringField("id", info.getId().getValue());
        out.writeStringField("name", info.getName());
        out.writeStringField("user", info.getUser());
        out.writeNumberField("failover_timeout", info.getFailoverTimeout());
        out.writeBooleanField("checkpoint", info.getCheckpoint());
        out.writeStringField("hostname", info.getHostname());
        if (info.hasPrincipal()) {
            out.writeStringField("principal", info.getPrincipal());
        }
        if (multiRole(info)) {
            out.writeArrayFieldStart("roles");
            for (String role : info.getRolesList()) {
                out.writeString(role);
            }
            out.writeEndArray();
        } else {
            out.writeStringField("role", info.getRole());
        }
        executors("executors", info, framework.executors());
        executors("completed_executors", info, framework.completed());
        out.writeEndObject();
    }

    private static boolean multiRole(FrameworkInfo info) {
        return info.getCapabilitiesList().stream()
                .anyMatch(c -> c.getType() == FrameworkInfo.Capability.Type.MULTI_ROLE);
    }

    private void executors(String field, FrameworkInfo framework, List<ExecutorView> executors) throws IOException {
        out.writeArrayFieldStart(field);
        for (ExecutorView executor : executors) {
            executor(framework, executor);
        }
        out.writeEndArray();
    }

    @SuppressWarnings("deprecation") // source is part of the endpoint
    private void executor(FrameworkInfo framework, ExecutorView executor) throws IOException {
        out.writeStartObject();
        out.writeStringField("id", executor.info().getExecutorId().getValue());
        out.writeStringField("name", executor.info().getName());
        out.writeStringField("source", executor.info().getSource());
        out.writeStringField("container", executor.container().getValue());
        out.writeStringField("directory", executor.sandbox());
        List<Resource> all = new ArrayList<>(executor.info().getResourcesList());
        executor.tasks().forEach(task -> all.addAll(task.task().getResourcesList()));
        out.writeFieldName("resources");
        LegacyResources.flat(out, ResourceMessages.fromMessages(all));
        out.writeStringField("role", role(framework, all));
        if (executor.info().hasLabels()) {
            labels(executor.info().getLabels().getLabelsList());
        }
        if (executor.info().hasType()) {
            out.writeStringField("type", executor.info().getType().name());
        }
        tasks("tasks", framework, executor.tasks(), false);
        tasks("queued_tasks", framework, executor.tasks(), true);
        tasks("completed_tasks", framework, executor.completedTasks(), false);
        out.writeEndObject();
    }

    private void tasks(String field, FrameworkInfo framework, List<TaskView> tasks, boolean queued) throws IOException {
        out.writeArrayFieldStart(field);
        for (TaskView task : tasks) {
            if ((task.stage() == TaskStage.QUEUED) == queued) {
                task(framework, task);
            }
        }
        out.writeEndArray();
    }

    private void task(FrameworkInfo framework, TaskView view) throws IOException {
        Task task = view.task();
        out.writeStartObject();
        out.writeStringField("id", task.getTaskId().getValue());
        out.writeStringField("name", task.getName());
        out.writeStringField("framework_id", task.getFrameworkId().getValue());
        out.writeStringField("executor_id", task.getExecutorId().getValue());
        out.writeStringField("slave_id", task.getAgentId().getValue());
        out.writeStringField("state", task.getState().name());
        out.writeFieldName("resources");
        LegacyResources.flat(out, ResourceMessages.fromMessages(task.getResourcesList()));
        out.writeStringField("role", role(framework, task.getResourcesList()));
        out.writeArrayFieldStart("statuses");
        for (TaskStatus status : task.getStatusesList()) {
            status(status);
        }
        out.writeEndArray();
        if (view.info().hasCommand()) {
            message("command", WithoutSecrets.of(view.info().getCommand()));
        }
        if (task.hasUser()) {
            out.writeStringField("user", task.getUser());
        }
        if (task.hasLabels()) {
            labels(task.getLabels().getLabelsList());
        }
        if (task.hasDiscovery()) {
            message("discovery", task.getDiscovery());
        }
        if (task.hasContainer()) {
            message("container", task.getContainer());
        }
        if (task.hasHealthCheck()) {
            message("health_check", task.getHealthCheck());
        }
        out.writeEndObject();
    }

    private void status(TaskStatus status) throws IOException {
        out.writeStartObject();
        out.writeStringField("state", status.getState().name());
        out.writeNumberField("timestamp", status.getTimestamp());
        if (status.hasLabels()) {
            labels(status.getLabels().getLabelsList());
        }
        if (status.hasContainerStatus()) {
            message("container_status", status.getContainerStatus());
        }
        if (status.hasHealthy()) {
            out.writeBooleanField("healthy", status.getHealthy());
        }
        out.writeEndObject();
    }

    private void labels(List<Label> labels) throws IOException {
        out.writeArrayFieldStart("labels");
        for (Label label : labels) {
            JsonCodec.write(label, out);
        }
        out.writeEndArray();
    }

    @SuppressWarnings("deprecation") // frameworks without MULTI_ROLE have the old role
    private static String role(FrameworkInfo framework, List<Resource> resources) {
        return resources.stream()
                .filter(r -> r.getAllocationInfo().hasRole())
                .map(r -> r.getAllocationInfo().getRole())
                .findFirst()
                .orElse(framework.getRole());
    }

    private void message(String field, Message message) throws IOException {
        out.writeFieldName(field);
        JsonCodec.write(message, out);
    }
}
