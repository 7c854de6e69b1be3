package io.paddock.platform.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;

/**
 * {@code /help}: what a server's endpoints are for, in plain text or with {@code ?format=json} as Mesos prints it; {@code
 * /help/<process>} and {@code /help/<process>/<endpoint>} give a part.
 */
public final class HelpRoute {
    /**
     * One endpoint.
     *
     * @param process the first part of its name: {@code master} for {@code /master/state}
     * @param name the rest, with a slash in front
     * @param methods such as {@code GET} or {@code GET, POST}
     * @param text what it is for, in one line
     */
    public record Endpoint(String process, String name, String methods, String text) {
        String line() {
            return String.format("%-40s %-10s %s", "/" + process + name, methods, text);
        }
    }

    private HelpRoute() {}

    /** Answers below {@code /help}. */
    public static Route create(List<Endpoint> endpoints) {
        return Directives.pathPrefix(
                "help",
                () -> Directives.extractUnmatchedPath(rest -> Directives.parameterMap(parameters -> Directives.complete(
                        answer(part(endpoints, rest), Optional.ofNullable(parameters.get("format")), parameters)))));
    }

    private static List<Endpoint> part(List<Endpoint> endpoints, String rest) {
        String wanted = rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest;
        return endpoints.stream()
                .filter(each -> wanted.isEmpty()
                        || wanted.equals("/" + each.process())
                        || wanted.equals("/" + each.process() + each.name()))
                .toList();
    }

    private static HttpResponse answer(
            List<Endpoint> endpoints, Optional<String> format, Map<String, String> parameters) {
        if (endpoints.isEmpty()) {
            return HttpResponse.create().withStatus(StatusCodes.NOT_FOUND).withEntity("No such endpoint; see /help");
        }
        if (format.equals(Optional.of("json"))) {
            return Responses.jsonp(
                    Optional.ofNullable(parameters.get("jsonp")),
                    StreamedJson.of(List.of(out -> json(out, endpoints))));
        }
        String text = endpoints.stream().map(Endpoint::line).collect(Collectors.joining("\n", "", "\n"));
        return HttpResponse.create().withEntity(HttpEntities.create(ContentTypes.TEXT_PLAIN_UTF8, text));
    }

    private static void json(JsonGenerator out, List<Endpoint> endpoints) throws IOException {
        Map<String, List<Endpoint>> processes = new LinkedHashMap<>();
        endpoints.forEach(each -> processes
                .computeIfAbsent(each.process(), process -> new ArrayList<>())
                .add(each));
        out.writeStartObject();
        out.writeArrayFieldStart("processes");
        for (Map.Entry<String, List<Endpoint>> process : processes.entrySet()) {
            out.writeStartObject();
            out.writeStringField("id", process.getKey());
            out.writeArrayFieldStart("endpoints");
            for (Endpoint endpoint : process.getValue()) {
                out.writeStartObject();
                out.writeStringField("name", endpoint.name());
                out.writeStringField("text", endpoint.methods() + ": " + endpoint.text());
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }
}
