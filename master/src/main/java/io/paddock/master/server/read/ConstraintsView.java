package io.paddock.master.server.read;

import com.fasterxml.jackson.core.JsonGenerator;
import io.paddock.master.core.AgentDescriptions;
import io.paddock.master.core.allocator.AgentTraits;
import io.paddock.master.core.constraints.ConstraintReader;
import io.paddock.master.core.constraints.RegexLimits;
import io.paddock.master.core.constraints.RoleConstraint;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.scheduler.OfferConstraints;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code /allocator(1)/offer_constraints_debug}: of every framework with offer constraints what they are, and which agents
 * they exclude, role by role. The fields are ours.
 */
final class ConstraintsView {
    /** Accepted constraints have met the limits of this master already. */
    private static final RegexLimits ANY = new RegexLimits(Integer.MAX_VALUE, Integer.MAX_VALUE);

    private ConstraintsView() {}

    static void write(JsonGenerator out, ClusterSnapshot snapshot) throws IOException {
        Map<String, AgentTraits> agents = new LinkedHashMap<>();
        for (AgentView agent : snapshot.agents()) {
            agents.put(
                    agent.id(), AgentDescriptions.traits(agent.info(), agent.capabilities(), agent.unavailability()));
        }
        out.writeStartObject();
        out.writeArrayFieldStart("frameworks");
        for (FrameworkView framework : snapshot.frameworks()) {
            OfferConstraints constraints = framework.offerConstraints();
            if (constraints != null) {
                out.writeStartObject();
                out.writeStringField("id", framework.id());
                out.writeStringField("name", framework.info().getName());
                out.writeArrayFieldStart("roles");
                roles(out, framework, constraints, agents);
                out.writeEndArray();
                out.writeEndObject();
            }
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private static void roles(
            JsonGenerator out, FrameworkView framework, OfferConstraints constraints, Map<String, AgentTraits> agents)
            throws IOException {
        Map<String, RoleConstraint> compiled = ConstraintReader.read(
                "offer_constraints",
                constraints,
                constraints.getRoleConstraintsMap().keySet(),
                ANY);
        for (String role : framework.roles()) {
            RoleConstraint constraint = compiled.get(role);
            if (constraint != null) {
                out.writeStartObject();
                out.writeStringField("role", role);
                out.writeFieldName("constraints");
                JsonCodec.write(constraints.getRoleConstraintsOrThrow(role), out);
                out.writeNumberField("agents", agents.size());
                out.writeArrayFieldStart("excluded_agents");
                for (Map.Entry<String, AgentTraits> agent : agents.entrySet()) {
                    if (!constraint.test(agent.getValue())) {
                        out.writeString(agent.getKey());
                    }
                }
                out.writeEndArray();
                out.writeEndObject();
            }
        }
    }
}
