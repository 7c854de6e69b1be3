package io.paddock.batch.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.paddock.platform.json.Json;

/** A request that cannot be understood: answered 400. */
final class BadRequestException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadRequestException(String message) {
        super(message);
    }

    /** Reads a body, which must be one JSON value. */
    static JsonNode parse(byte[] body) {
        JsonNode node;
        try {
            node = Json.read(body, JsonNode.class);
        } catch (IllegalArgumentException e) {
            throw new BadRequestException("Invalid Json: " + e.getMessage());
        }
        if (node == null || node instanceof MissingNode) {
            throw new BadRequestException("Invalid Json: the body is empty");
        }
        return node;
    }
}
