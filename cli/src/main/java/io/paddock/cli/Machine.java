package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Machines of the maintenance schedule in one word: a host name, or {@code HOST/ADDRESS}. */
final class Machine {
    private Machine() {}

    static ObjectNode named(String name) {
        String[] parts = name.split("/", 2);
        ObjectNode id = JsonNodeFactory.instance.objectNode();
        if (!parts[0].isEmpty()) {
            id.put("hostname", parts[0]);
        }
        if (parts.length > 1) {
            id.put("ip", parts[1]);
        }
        return id;
    }

    static String name(JsonNode id) {
        String host = id.path("hostname").asText("");
        String ip = id.path("ip").asText("");
        return ip.isEmpty() || ip.equals(host) ? host : host + "/" + ip;
    }

    /** Whether a user who says this means that machine. */
    static boolean is(JsonNode id, String said) {
        return said.equalsIgnoreCase(name(id))
                || said.equalsIgnoreCase(id.path("hostname").asText(""))
                || said.equalsIgnoreCase(id.path("ip").asText(""));
    }
}
