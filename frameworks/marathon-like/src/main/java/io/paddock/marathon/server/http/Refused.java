package io.paddock.marathon.server.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.Refusal;
import io.paddock.marathon.core.Refusal.Violation;
import io.paddock.marathon.server.json.InvalidJson;
import io.paddock.platform.http.Responses;
import io.paddock.platform.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;

/** A request that is not done, and what the client is told: Marathon's bodies of errors. */
final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;
    private final transient List<Violation> violations;
    private final transient List<String> deployments;

    private Refused(int status, String message, List<Violation> violations, List<String> deployments) {
        super(message, null, false, false);
        this.status = status;
        this.violations = violations;
        this.deployments = deployments;
    }

    static Refused status(int status, String message) {
        return new Refused(status, message, List.of(), List.of());
    }

    static Refused badRequest(String message) {
        return status(400, message);
    }

    static Refused notFound(String message) {
        return status(404, message);
    }

    static Refused unprocessable(String message) {
        return status(422, message);
    }

    /** A body that is no JSON at all. The details are a list, as clients expect them to be. */
    static Refused malformed(String error) {
        return new Refused(400, "Invalid JSON", List.of(new Violation("/", error)), List.of());
    }

    static Refused of(InvalidJson e) {
        return new Refused(422, "Invalid JSON", e.violations(), List.of());
    }

    static Refused of(Refusal refusal) {
        String message = refusal.violations().isEmpty() ? refusal.rejection().message() : "Object is not valid";
        return new Refused(
                refusal.rejection().code().httpStatus(), message, refusal.violations(), refusal.deployments());
    }

    static Refused methodNotAllowed() {
        return status(405, "Method Not Allowed");
    }

    HttpResponse response() {
        ObjectNode body = Json.mapper().createObjectNode().put("message", getMessage());
        if (!violations.isEmpty()) {
            Map<String, List<String>> byPath = new LinkedHashMap<>();
            violations.forEach(v -> byPath.computeIfAbsent(v.path(), p -> new java.util.ArrayList<>())
                    .add(v.error()));
            ArrayNode details = body.putArray("details");
            byPath.forEach((path, errors) -> {
                ArrayNode list = details.addObject().put("path", path).putArray("errors");
                errors.forEach(list::add);
            });
        }
        if (!deployments.isEmpty()) {
            ArrayNode list = body.putArray("deployments");
            deployments.forEach(id -> list.addObject().put("id", id));
        }
        return Responses.json(StatusCodes.get(status), Json.bytes(body));
    }
}
