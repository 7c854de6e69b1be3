package io.paddock.marathon.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.MarathonEvent.Origin;
import io.paddock.marathon.server.http.Leadership.Desk;
import io.paddock.marathon.server.json.AppDefaults;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.http.Peers;
import io.paddock.platform.http.Responses;
import io.paddock.platform.json.Json;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.AttributeKeys;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.util.ByteString;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole API. Paths are taken apart here and not by matchers, since ids of apps are paths themselves: {@code //} counts
 * as {@code /}, {@code %2F} too.
 */
public final class MarathonRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(MarathonRoutes.class);
    private static final Duration BODY_WITHIN = Duration.ofSeconds(30);

    private final ActorSystem<?> system;
    private final Leadership leadership;
    private final Peers peers;
    private final LeaderProxy proxy;
    private final InfoResource info;
    private final List<String> allowedOrigins;
    private final Instant started = Instant.now();
    private final Map<String, Resource> resources = new HashMap<>();

    /**
     * @param peers how other marathons are reached
     * @param self this process's {@code host:port} as others reach it
     */
    public MarathonRoutes(
            ActorSystem<?> system,
            Leadership leadership,
            Peers peers,
            Supplier<String> self,
            AppDefaults defaults,
            InfoResource info,
            List<String> allowedOrigins) {
        this.system = system;
        this.leadership = leadership;
        this.peers = peers;
        this.proxy = new LeaderProxy(system, peers, self);
        this.info = info;
        this.allowedOrigins = List.copyOf(allowedOrigins);
        resources.put("apps", new AppsResource(defaults));
        resources.put("groups", new GroupsResource(defaults));
        resources.put("tasks", new AppTasksResource());
        resources.put("deployments", new DeploymentsResource());
        resources.put("queue", new QueueResource());
    }

    /** Everything; answers are compressed where the client likes that, except the stream of events. */
    public Route route() {
        Route all = Directives.extractRequest(request -> Directives.completeWithFuture(handle(request)));
        return Directives.extractRequest(request ->
                request.getUri().getPathString().startsWith("/v2/events") ? all : Directives.encodeResponse(() -> all));
    }

    private CompletionStage<HttpResponse> handle(HttpRequest request) {
        List<String> path = segments(request.getUri().getPathString());
        if (path.equals(List.of("ping"))) {
            request.discardEntityBytes(system);
            return CompletableFuture.completedStage(decorated(request, ping(request)));
        }
        Optional<Desk> desk = leadership.desk();
        if (desk.isEmpty()) {
            return proxy.pass(request, leadership.leader());
        }
        if (request.method().value().equals("OPTIONS")) {
            return CompletableFuture.completedStage(decorated(request, HttpResponse.create()));
        }
        return request.entity()
                .toStrict(BODY_WITHIN.toMillis(), system)
                .thenCompose(entity -> answer(request, path, entity.getData(), desk.get()))
                .exceptionally(MarathonRoutes::failed)
                .thenApply(response -> decorated(request, response));
    }

    private CompletionStage<HttpResponse> answer(HttpRequest request, List<String> path, ByteString body, Desk desk) {
        try {
            if (path.isEmpty()) {
                return CompletableFuture.completedStage(HttpResponse.create()
                        .withStatus(StatusCodes.FOUND)
                        .addHeader(RawHeader.create("Location", "/v2/info")));
            }
            if (path.get(0).equals("metrics")) {
                return metrics(path, desk);
            }
            if (path.size() < 2 || !path.get(0).equals("v2")) {
                throw Refused.notFound("There is nothing at " + request.getUri().getPathString());
            }
            return v2(request, path.get(1), path.subList(2, path.size()), body, desk);
        } catch (Refused e) {
            return CompletableFuture.completedStage(e.response());
        }
    }

    private CompletionStage<HttpResponse> v2(
            HttpRequest request, String name, List<String> rest, ByteString body, Desk desk) throws Refused {
        Resource resource = resources.get(name);
        if (resource != null) {
            return resource.handle(apiRequest(request, rest, body), desk);
        }
        String method = request.method().value();
        switch (name) {
            case "info":
                return Resource.then(
                        desk.view(),
                        view -> Resource.json(
                                info.write(view, leader(), request.getUri().getPort())));
            case "leader":
                return leader(method, desk);
            case "events":
                return events(request, desk);
            case "plugins":
                return CompletableFuture.completedStage(Resource.json(Map.of("plugins", List.of())));
            case "pods":
                // Not 501: clients ask here whether there are pods, and take 5xx for a marathon that is down.
                throw Refused.notFound("Pods are not supported; use apps, one for each container");
            default:
                throw Refused.notFound("There is nothing at " + request.getUri().getPathString());
        }
    }

    private CompletionStage<HttpResponse> leader(String method, Desk desk) throws Refused {
        switch (method) {
            case "GET":
                return CompletableFuture.completedStage(Resource.json(Map.of("leader", leader())));
            case "DELETE":
                desk.abdicate("asked to by DELETE /v2/leader");
                return CompletableFuture.completedStage(Resource.json(Map.of("message", "Leadership abdicated")));
            default:
                throw Refused.methodNotAllowed();
        }
    }

    private CompletionStage<HttpResponse> events(HttpRequest request, Desk desk) throws Refused {
        boolean accepted = false;
        for (HttpHeader h : request.getHeaders()) {
            accepted |= h.is("accept") && h.value().contains("text/event-stream");
        }
        if (!accepted || !request.method().value().equals("GET")) {
            throw Refused.status(405, "Events are read with GET and 'Accept: text/event-stream'");
        }
        Set<String> types = new TreeSet<>(query(request).getOrDefault("event_type", List.of()));
        long after = request.getHeader("Last-Event-ID")
                .map(HttpHeader::value)
                .filter(v -> v.matches("\\d{1,18}"))
                .map(Long::parseLong)
                .orElse(-1L);
        var stream = HttpServer.untilGone(request, desk.watchers().watch(types, clientIp(request), after));
        return CompletableFuture.completedStage(HttpResponse.create()
                .withEntity(HttpEntities.createCloseDelimited(MediaTypes.TEXT_EVENT_STREAM.toContentType(), stream)));
    }

    private CompletionStage<HttpResponse> metrics(List<String> path, Desk desk) throws Refused {
        boolean prometheus = path.equals(List.of("metrics", "prometheus"));
        if (path.size() > 1 && !prometheus) {
            throw Refused.notFound("There is nothing at /" + String.join("/", path));
        }
        double uptime = Duration.between(started, Instant.now()).toMillis() / 1000.0;
        return Resource.then(desk.view(), view -> {
            ObjectNode metrics = MetricsResource.write(view, desk.watchers().size(), uptime);
            return prometheus
                    ? HttpResponse.create()
                            .withEntity(ContentTypes.TEXT_PLAIN_UTF8, MetricsResource.prometheus(metrics))
                    : Resource.json(metrics);
        });
    }

    private static HttpResponse ping(HttpRequest request) {
        boolean json = request.getHeader("Accept")
                .map(h -> h.value().equals("application/json"))
                .orElse(false);
        return json
                ? Responses.json(Json.bytes("pong"))
                : HttpResponse.create().withEntity(ContentTypes.TEXT_PLAIN_UTF8, "pong");
    }

    private static HttpResponse failed(Throwable error) {
        Throwable cause = error;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof Refused refused) {
            return refused.response();
        }
        if (cause instanceof java.util.concurrent.TimeoutException) {
            return Refused.status(503, "No answer in time").response();
        }
        LOG.error("A request failed", cause);
        return Refused.status(500, "An error of marathon's own; see its log").response();
    }

    /** What every answer carries. */
    private HttpResponse decorated(HttpRequest request, HttpResponse response) {
        List<HttpHeader> headers = new ArrayList<>();
        headers.add(RawHeader.create("Cache-Control", "no-cache, no-store, must-revalidate"));
        headers.add(RawHeader.create("Pragma", "no-cache"));
        headers.add(RawHeader.create("Expires", "0"));
        headers.add(RawHeader.create("X-Frame-Options", "DENY"));
        headers.add(RawHeader.create("X-XSS-Protection", "1; mode=block"));
        leadership
                .leader()
                .ifPresent(l -> headers.add(RawHeader.create("X-Marathon-Leader", peers.scheme() + "://" + l)));
        String origin = request.getHeader("Origin").map(HttpHeader::value).orElse("");
        if (!origin.isEmpty() && (allowedOrigins.contains(origin) || allowedOrigins.contains("*"))) {
            headers.add(RawHeader.create("Access-Control-Allow-Origin", origin));
            headers.add(RawHeader.create("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"));
            headers.add(RawHeader.create("Access-Control-Max-Age", "86400"));
        }
        return response.addHeaders(headers);
    }

    private String leader() {
        return leadership.leader().orElse("");
    }

    private static ApiRequest apiRequest(HttpRequest request, List<String> rest, ByteString body) {
        var type = request.entity().getContentType();
        boolean empty = body.isEmpty() && type.equals(ContentTypes.NO_CONTENT_TYPE);
        return new ApiRequest(
                request.method().value(),
                rest,
                query(request),
                body,
                empty
                        ? ""
                        : type.mediaType().mainType() + "/" + type.mediaType().subType(),
                new Origin(clientIp(request), request.getUri().getPathString()));
    }

    private static String clientIp(HttpRequest request) {
        return request.getHeader("X-Forwarded-For")
                .map(h -> h.value().split(",", -1)[0].trim())
                .or(() -> request.getAttribute(AttributeKeys.remoteAddress)
                        .flatMap(a -> a.getAddress())
                        .map(a -> a.getHostAddress()))
                .orElse("");
    }

    private static Map<String, List<String>> query(HttpRequest request) {
        Map<String, List<String>> result = new LinkedHashMap<>();
        request.getUri()
                .query()
                .toList()
                .forEach(p -> result.computeIfAbsent(p.first(), k -> new ArrayList<>())
                        .add(p.second()));
        return result;
    }

    /** The decoded segments of a path, without empty ones. */
    private static List<String> segments(String path) {
        List<String> result = new ArrayList<>();
        for (String raw : path.split("/", -1)) {
            String plain = URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
            for (String part : plain.split("/", -1)) {
                if (part.equals("..") && !result.isEmpty()) {
                    result.remove(result.size() - 1);
                } else if (!part.isEmpty() && !part.equals(".") && !part.equals("..")) {
                    result.add(part);
                }
            }
        }
        return result;
    }
}
