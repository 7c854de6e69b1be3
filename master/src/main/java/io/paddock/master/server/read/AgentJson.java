package io.paddock.master.server.read;

import com.fasterxml.jackson.core.JsonGenerator;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.PendingRemoval;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.Attribute;
import io.paddock.proto.v1.Value;
import java.io.IOException;
import java.time.Instant;
import java.util.stream.Collectors;

/** Agents as the older endpoints print them. */
final class AgentJson {
    private AgentJson() {}

    /** The fields of an agent, without the braces around. */
    static void fields(JsonGenerator out, AgentView agent) throws IOException {
        known(out, agent.info());
        out.writeStringField("pid", pid(agent));
        time(out, "registered_time", agent.registeredAt());
        if (agent.reregisteredAt() != null) {
            time(out, "reregistered_time", agent.reregisteredAt());
        }
        Resources total = agent.total();
        ResourceJson.field(out, "resources", total);
        ResourceJson.field(out, "used_resources", agent.used());
        ResourceJson.field(out, "offered_resources", agent.offered());
        ResourceJson.byReservation(out, "reserved_resources", total);
        ResourceJson.field(out, "unreserved_resources", total.unreserved());
        out.writeBooleanField("active", agent.active());
        out.writeBooleanField("deactivated", agent.deactivated());
        out.writeBooleanField("connected", agent.connected());
        out.writeStringField("version", agent.version());
        if (agent.https()) {
            out.writeStringField("scheme", "https");
        }
        out.writeArrayFieldStart("capabilities");
        for (AgentInfo.Capability capability : agent.capabilities()) {
            out.writeString(capability.getType().name());
        }
        out.writeEndArray();
        if (agent.unavailability() != null) {
            out.writeFieldName("unavailability");
            JsonCodec.write(agent.unavailability(), out);
        }
        if (agent.drain() != null) {
            out.writeFieldName("drain_info");
            JsonCodec.write(agent.drain(), out);
        }
        if (agent.drainSince() != null) {
            time(out, "estimated_drain_start_time_seconds", agent.drainSince());
        }
    }

    /** What {@code /slaves} adds: resources as messages. */
    static void fullResources(JsonGenerator out, AgentView agent) throws IOException {
        ResourceJson.fullByReservation(out, "reserved_resources_full", agent.total());
        ResourceJson.full(out, "unreserved_resources_full", agent.total().unreserved());
        ResourceJson.full(out, "used_resources_full", agent.used());
        ResourceJson.full(out, "offered_resources_full", agent.offered());
    }

    /** Ours: that the agent's time is over, and why it is still there. */
    static void pendingRemoval(JsonGenerator out, String agentId, ClusterSnapshot snapshot) throws IOException {
        PendingRemoval pending = snapshot.pendingRemovals().get(agentId);
        if (pending != null) {
            out.writeObjectFieldStart("pending_removal");
            time(out, "since", pending.since());
            out.writeStringField("reason", pending.text());
            out.writeEndObject();
        }
    }

    static void recovered(JsonGenerator out, ClusterSnapshot snapshot) throws IOException {
        out.writeArrayFieldStart("recovered_slaves");
        for (AgentInfo agent : snapshot.recoveredAgents()) {
            out.writeStartObject();
            known(out, agent);
            pendingRemoval(out, agent.getId().getValue(), snapshot);
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    /** As libprocess names the agent: by its address, since there are tools that do not resolve names. */
    static String pid(AgentView agent) {
        String host = agent.ip().isEmpty() ? agent.info().getHostname() : agent.ip();
        return "slave(1)@" + host + ":" + agent.info().getPort();
    }

    static void time(JsonGenerator out, String name, Instant time) throws IOException {
        ResourceJson.number(out, name, seconds(time));
    }

    static double seconds(Instant time) {
        return time.getEpochSecond() + time.getNano() / 1e9;
    }

    private static void known(JsonGenerator out, AgentInfo agent) throws IOException {
        out.writeStringField("id", agent.getId().getValue());
        out.writeStringField("hostname", agent.getHostname());
        out.writeNumberField("port", agent.getPort());
        out.writeObjectFieldStart("attributes");
        for (Attribute attribute : agent.getAttributesList()) {
            attribute(out, attribute);
        }
        out.writeEndObject();
        if (agent.hasDomain()) {
            out.writeFieldName("domain");
            JsonCodec.write(agent.getDomain(), out);
        }
    }

    private static void attribute(JsonGenerator out, Attribute attribute) throws IOException {
        switch (attribute.getType()) {
            case SCALAR ->
                ResourceJson.number(
                        out, attribute.getName(), attribute.getScalar().getValue());
            case TEXT ->
                out.writeStringField(attribute.getName(), attribute.getText().getValue());
            case SET ->
                out.writeStringField(
                        attribute.getName(),
                        "{" + String.join(", ", attribute.getSet().getItemList()) + "}");
            case RANGES -> out.writeStringField(attribute.getName(), ranges(attribute.getRanges()));
        }
    }

    private static String ranges(Value.Ranges ranges) {
        return ranges.getRangeList().stream()
                .map(range -> range.getBegin() + "-" + range.getEnd())
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
