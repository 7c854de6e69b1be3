package io.paddock.batch.server.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.batch.core.Refusal;
import io.paddock.batch.server.json.Problems;
import io.paddock.platform.http.Responses;
import io.paddock.platform.json.Json;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;

/** How each kind of refusal is answered: the table of Metronome. */
final class ErrorBodies {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private ErrorBodies() {}

    static HttpResponse refused(Refusal refusal) {
        ObjectNode body = JSON.objectNode();
        switch (refusal.kind()) {
            case UNKNOWN_JOB -> body.put("id", refusal.jobId());
            case UNKNOWN_SCHEDULE -> body.put("id", refusal.subject());
            case UNKNOWN_RUN -> body.put("jobSpec", refusal.jobId()).put("id", refusal.subject());
            case CONFLICT, UNPROCESSABLE -> {}
        }
        body.put("message", refusal.message());
        StatusCode status =
                switch (refusal.kind()) {
                    case UNKNOWN_JOB, UNKNOWN_SCHEDULE, UNKNOWN_RUN -> StatusCodes.NOT_FOUND;
                    case CONFLICT -> StatusCodes.CONFLICT;
                    case UNPROCESSABLE -> StatusCodes.UNPROCESSABLE_CONTENT;
                };
        return json(status, body);
    }

    static HttpResponse invalid(Problems problems) {
        ObjectNode body = JSON.objectNode();
        body.put("message", "Object is not valid");
        ArrayNode details = body.putArray("details");
        problems.byPath().forEach((path, errors) -> {
            ArrayNode list = details.addObject().put("path", path).putArray("errors");
            errors.forEach(list::add);
        });
        return json(StatusCodes.UNPROCESSABLE_CONTENT, body);
    }

    /** For a request that cannot be understood: no such address, a bad id in it, no JSON. */
    static HttpResponse misdirected(StatusCode status, HttpRequest request, String message) {
        ObjectNode body = JSON.objectNode();
        body.put("message", escaped(message));
        body.put("requestPath", escaped(request.getUri().path()));
        return json(status, body);
    }

    static HttpResponse unexpected(HttpRequest request) {
        return json(
                StatusCodes.INTERNAL_SERVER_ERROR,
                JSON.objectNode().put("requestPath", escaped(request.getUri().path())));
    }

    private static HttpResponse json(StatusCode status, ObjectNode body) {
        return Responses.json(status, Json.bytes(body));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
