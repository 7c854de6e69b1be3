package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/** A call of the v1 operator API, with its parameters where that API has them: below the call's name in small letters. */
record OperatorCall(String type, ObjectNode call) {
    static OperatorCall of(String type) {
        return new OperatorCall(type, JsonNodeFactory.instance.objectNode().put("type", type));
    }

    ObjectNode parameters() {
        return call.withObjectProperty(type.toLowerCase(Locale.ROOT));
    }

    /** With the agent that it is about. */
    OperatorCall about(String agentId) {
        parameters().putObject("agent_id").put("value", agentId);
        return this;
    }

    JsonNode send(JsonHttp server) {
        return server.send("POST", "/api/v1", call.toString());
    }
}
