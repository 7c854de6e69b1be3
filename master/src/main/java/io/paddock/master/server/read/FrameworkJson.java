package io.paddock.master.server.read;

import com.fasterxml.jackson.core.JsonGenerator;
import io.paddock.common.resources.HeldResources;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.master.core.snapshot.OfferView;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.FrameworkInfo;
import java.io.IOException;
import java.util.List;

/** Frameworks as the older endpoints print them. */
final class FrameworkJson {
    private FrameworkJson() {}

    static void framework(JsonGenerator out, FrameworkView framework, ClusterIndex index) throws IOException {
        FrameworkInfo info = framework.info();
        out.writeStartObject();
        summary(out, framework);
        out.writeStringField("user", info.getUser());
        ResourceJson.number(out, "failover_timeout", info.getFailoverTimeout());
        out.writeBooleanField("checkpoint", info.getCheckpoint());
        AgentJson.time(out, "registered_time", framework.registeredAt());
        if (framework.unregisteredAt() == null) {
            ResourceJson.number(out, "unregistered_time", 0);
        } else {
            AgentJson.time(out, "unregistered_time", framework.unregisteredAt());
        }
        if (framework.reregisteredAt() != null && !framework.reregisteredAt().equals(framework.registeredAt())) {
            AgentJson.time(out, "reregistered_time", framework.reregisteredAt());
        }
        if (info.hasPrincipal()) {
            out.writeStringField("principal", info.getPrincipal());
        }
        ResourceJson.field(out, "resources", HeldResources.sum(List.of(framework.used(), framework.offered())));
        roles(out, framework);
        TaskJson.tasks(out, "tasks", index.tasksOf(framework.id()));
        TaskJson.tasks(out, "unreachable_tasks", framework.unreachableTasks());
        TaskJson.tasks(out, "completed_tasks", framework.completedTasks());
        out.writeArrayFieldStart("offers");
        for (OfferView offer : index.offersTo(framework.id())) {
            offer(out, offer);
        }
        out.writeEndArray();
        out.writeArrayFieldStart("executors");
        index.executorsOf(
                framework.id(),
                (agentId, executor) -> TaskJson.executor(out, framework.id(), agentId, executor.info()));
        out.writeEndArray();
        if (info.hasLabels()) {
            TaskJson.labels(out, info.getLabels());
        }
        if (framework.offerConstraints() != null) {
            out.writeFieldName("offer_constraints");
            JsonCodec.write(framework.offerConstraints(), out);
        }
        out.writeEndObject();
    }

    /** The fields that {@code /state} and {@code /state-summary} share. */
    static void summary(JsonGenerator out, FrameworkView framework) throws IOException {
        FrameworkInfo info = framework.info();
        out.writeStringField("id", framework.id());
        out.writeStringField("name", info.getName());
        ResourceJson.field(out, "used_resources", framework.used());
        ResourceJson.field(out, "offered_resources", framework.offered());
        out.writeArrayFieldStart("capabilities");
        for (FrameworkInfo.Capability capability : info.getCapabilitiesList()) {
            out.writeString(capability.getType().name());
        }
        out.writeEndArray();
        out.writeStringField("hostname", info.getHostname());
        out.writeStringField("webui_url", info.getWebuiUrl());
        out.writeBooleanField("active", framework.active());
        out.writeBooleanField("connected", framework.connected());
        out.writeBooleanField("recovered", framework.recovered());
    }

    private static void roles(JsonGenerator out, FrameworkView framework) throws IOException {
        if (isMultiRole(framework.info())) {
            out.writeArrayFieldStart("roles");
            for (String role : framework.roles()) {
                out.writeString(role);
            }
            out.writeEndArray();
        } else {
            out.writeStringField(
                    "role",
                    framework.roles().isEmpty() ? "*" : framework.roles().get(0));
        }
        out.writeArrayFieldStart("suppressed_roles");
        for (String role : framework.suppressedRoles()) {
            out.writeString(role);
        }
        out.writeEndArray();
    }

    private static boolean isMultiRole(FrameworkInfo info) {
        return info.getCapabilitiesList().stream()
                .anyMatch(capability -> capability.getType() == FrameworkInfo.Capability.Type.MULTI_ROLE);
    }

    private static void offer(JsonGenerator out, OfferView offer) throws IOException {
        out.writeStartObject();
        out.writeStringField("id", offer.id());
        out.writeStringField("framework_id", offer.frameworkId());
        out.writeObjectFieldStart("allocation_info");
        out.writeStringField("role", offer.role());
        out.writeEndObject();
        out.writeStringField("slave_id", offer.agentId());
        ResourceJson.field(out, "resources", offer.resources());
        AgentJson.time(out, "made_time", offer.madeAt());
        if (offer.expiresAt() != null) {
            AgentJson.time(out, "expires_time", offer.expiresAt());
        }
        out.writeEndObject();
    }
}
