package io.paddock.marathon.server.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.marathon.core.MarathonEvent.Origin;
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.util.ByteString;

/**
 * One request, taken apart.
 *
 * @param method GET, POST, …
 * @param path the decoded segments after {@code /v2/<resource>}, without empty ones
 * @param query all values of each parameter
 * @param body as it came
 * @param contentType the media type of the body, without parameters; empty when there is none
 * @param origin who asks
 */
record ApiRequest(
        String method,
        List<String> path,
        Map<String, List<String>> query,
        ByteString body,
        String contentType,
        Origin origin) {

    List<String> parameters(String name) {
        return query.getOrDefault(name, List.of());
    }

    Optional<String> parameter(String name) {
        return parameters(name).stream().findFirst();
    }

    /** A parameter that is {@code true} or {@code false}; given without a value it is true. */
    boolean flag(String name, boolean absent) throws Refused {
        Optional<String> value = parameter(name);
        if (value.isEmpty()) {
            return absent;
        }
        switch (value.get()) {
            case "":
            case "true":
                return true;
            case "false":
                return false;
            default:
                throw Refused.badRequest("parameter '" + name + "' must be true or false, is '" + value.get() + "'");
        }
    }

    ApiRequest at(List<String> rest) {
        return new ApiRequest(method, rest, query, body, contentType, origin);
    }

    /** The body as JSON. */
    JsonNode json() throws Refused {
        if (!contentType.equals("application/json")) {
            throw Refused.status(415, "Content-Type must be application/json, is '" + contentType + "'");
        }
        try {
            JsonNode json = Json.mapper().readTree(body.toArray());
            if (json == null || json.isMissingNode()) {
                throw Refused.malformed("the body is empty");
            }
            return json;
        } catch (JsonProcessingException e) {
            throw Refused.malformed(
                    e.getOriginalMessage() + " (line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ")");
        } catch (IOException e) {
            throw Refused.malformed(e.getMessage());
        }
    }
}
