package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is reserved on an agent, as the calls of the operator API name it: in the format of reservation stacks. */
record AgentReservations(NamedAgent agent, List<Resource> reserved) {
    static AgentReservations of(NamedAgent agent) {
        List<Resource> reserved = new ArrayList<>();
        for (Map.Entry<String, JsonNode> role :
                agent.json().path("reserved_resources_full").properties()) {
            for (JsonNode resource : role.getValue()) {
                ObjectNode stack = resource.deepCopy();
                stack.remove(List.of("role", "reservation", "allocation_info"));
                reserved.add(JsonCodec.fromJson(stack.toString(), Resource.getDefaultInstance()));
            }
        }
        return new AgentReservations(agent, List.copyOf(reserved));
    }

    static List<AgentReservations> all(JsonHttp master) {
        List<AgentReservations> all = new ArrayList<>();
        master.get("/slaves")
                .path("slaves")
                .forEach(agent -> all.add(of(new NamedAgent(agent.path("id").asText(), agent))));
        return all;
    }

    List<Resource> volumes() {
        return reserved.stream().filter(AgentReservations::isVolume).toList();
    }

    /** As the master lists them, with the agent's id: volumes, or all the others. */
    List<JsonNode> json(boolean volumes) {
        List<JsonNode> chosen = new ArrayList<>();
        for (JsonNode role : agent.json().path("reserved_resources_full")) {
            for (JsonNode resource : role) {
                if (resource.path("disk").has("persistence") == volumes) {
                    chosen.add(resource.<ObjectNode>deepCopy().put("agent_id", agent.id()));
                }
            }
        }
        return chosen;
    }

    static boolean isVolume(Resource resource) {
        return resource.getDisk().hasPersistence();
    }

    static boolean isDynamic(Resource resource) {
        return last(resource).getType() == Resource.ReservationInfo.Type.DYNAMIC;
    }

    /** The reservation that counts: the last of the stack. */
    static Resource.ReservationInfo last(Resource resource) {
        return resource.getReservations(resource.getReservationsCount() - 1);
    }

    String host() {
        return agent.json().path("hostname").asText() + ":"
                + agent.json().path("port").asText();
    }
}
