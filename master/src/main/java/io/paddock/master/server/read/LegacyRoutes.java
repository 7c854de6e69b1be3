package io.paddock.master.server.read;

import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.Message;
import io.paddock.common.authorization.Action;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.MaintenanceView;
import io.paddock.master.server.Leadership;
import io.paddock.platform.http.HelpRoute;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.http.Responses;
import io.paddock.platform.http.StreamedJson;
import io.paddock.platform.http.StreamedJson.Piece;
import io.paddock.platform.metrics.MachineStats;
import io.paddock.proto.json.JsonCodec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.PathMatchers;
import org.apache.pekko.http.javadsl.server.Route;

/**
 * The read endpoints from before the operator API, bare, below {@code /master} and with {@code .json}. All take
 * {@code jsonp}.
 */
final class LegacyRoutes {
    private final ReadOptions options;
    private final Leadership leadership;
    private final Viewers viewers;
    private final OfferReasons reasons;
    private final StateJson state;

    LegacyRoutes(ReadOptions options, Leadership leadership, Viewers viewers, OfferReasons reasons) {
        this.options = options;
        this.leadership = leadership;
        this.viewers = viewers;
        this.reasons = reasons;
        this.state = new StateJson(options);
    }

    Route route() {
        return Directives.get(() -> Directives.concat(
                endpoints(),
                Directives.pathPrefix("master", this::endpoints),
                Directives.pathPrefix(
                        "registrar(1)",
                        () -> cluster("registry", (snapshot, p) -> one(out -> RegistryJson.write(out, snapshot)))),
                Directives.pathPrefix(
                        PathMatchers.segment("allocator(1)").orElse(PathMatchers.segment("hierarchical-allocator(1)")),
                        () -> cluster(
                                "offer_constraints_debug",
                                (snapshot, p) -> one(out -> ConstraintsView.write(out, snapshot)))),
                HelpRoute.create(MasterHelp.ENDPOINTS)));
    }

    private Route endpoints() {
        return Directives.concat(
                Directives.path("health", () -> Directives.complete(StatusCodes.OK, "")),
                document(
                        "version",
                        parameters -> one(out -> {
                            out.writeStartObject();
                            Versions.fields(out, leadership.self().getVersion());
                            out.writeEndObject();
                        })),
                document(
                        "flags",
                        parameters -> one(out -> {
                            out.writeStartObject();
                            StateJson.flags(out, options.flags());
                            out.writeEndObject();
                        })),
                nested("system", "stats", parameters -> one(out -> MetricsReads.numbers(out, MachineStats.stats()))),
                state(),
                cluster("state-summary", (snapshot, p) -> state.summary(snapshot)),
                cluster(
                        "slaves",
                        (snapshot, p) -> state.slaves(
                                snapshot,
                                agent -> p.getOrDefault("slave_id", agent.id()).equals(agent.id()))),
                cluster(
                        "frameworks",
                        (snapshot, p) -> state.frameworks(
                                snapshot,
                                framework -> p.getOrDefault("framework_id", framework.id())
                                        .equals(framework.id()))),
                cluster("roles", (snapshot, p) -> List.of(out -> new RolesView(snapshot).write(out))),
                cluster("weights", (snapshot, p) -> List.of(out -> weights(out, snapshot))),
                tasks(),
                Directives.pathPrefix("offers", reasons::route),
                cluster("quota", (snapshot, p) -> one(out -> QuotaView.write(out, snapshot))),
                Directives.pathPrefix(
                        "maintenance",
                        () -> Directives.concat(
                                cluster("schedule", (snapshot, p) -> one(out -> schedule(out, snapshot.maintenance()))),
                                cluster("status", (snapshot, p) -> one(out -> status(out, snapshot.maintenance()))))));
    }

    /** Flags are shown to those who may see them. */
    private Route state() {
        return Directives.extractRequest(request -> {
            boolean flags = viewers.refuse(HttpServer.principal(request), Action.VIEW_FLAGS, null)
                    .isEmpty();
            return cluster(
                    "state",
                    (snapshot, p) -> state.state(snapshot, leadership.leader().orElse(snapshot.master()), flags));
        });
    }

    private Route snapshot(Function<ClusterSnapshot, HttpResponse> answer) {
        return leadership.whenLeading(feed -> Directives.extractRequest(request ->
                Directives.complete(answer.apply(viewers.visible(HttpServer.principal(request), feed.current())))));
    }

    private Route tasks() {
        return named(
                "tasks",
                parameters -> snapshot(snapshot -> {
                    TaskQuery.Parsed parsed = TaskQuery.parse(parameters);
                    return parsed.rejections().isEmpty()
                            ? json(parameters, parsed.query().run(snapshot))
                            : Responses.rejected(parsed.rejections().get(0));
                }));
    }

    /** A document about the cluster, which only the leader gives. */
    private Route cluster(String name, BiFunction<ClusterSnapshot, Map<String, String>, List<Piece>> document) {
        return named(name, parameters -> snapshot(snapshot -> json(parameters, document.apply(snapshot, parameters))));
    }

    /** A document about this process. */
    private static Route document(String name, Function<Map<String, String>, List<Piece>> document) {
        return named(name, parameters -> Directives.complete(json(parameters, document.apply(parameters))));
    }

    private static Route nested(String prefix, String name, Function<Map<String, String>, List<Piece>> document) {
        return Directives.pathPrefix(prefix, () -> document(name, document));
    }

    private static Route named(String name, Function<Map<String, String>, Route> inner) {
        return Directives.path(
                PathMatchers.segment(name + ".json").orElse(PathMatchers.segment(name)),
                () -> Directives.parameterMap(inner));
    }

    private static HttpResponse json(Map<String, String> parameters, List<Piece> pieces) {
        return Responses.jsonp(Optional.ofNullable(parameters.get("jsonp")), StreamedJson.of(pieces));
    }

    private static List<Piece> one(Piece piece) {
        return List.of(piece);
    }

    private static void weights(JsonGenerator out, ClusterSnapshot snapshot) throws IOException {
        out.writeStartArray();
        for (Map.Entry<String, Double> e : snapshot.weights().entrySet()) {
            out.writeStartObject();
            out.writeStringField("role", e.getKey());
            ResourceJson.number(out, "weight", e.getValue());
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private static void schedule(JsonGenerator out, MaintenanceView maintenance) throws IOException {
        out.writeStartObject();
        messages(out, "windows", maintenance.schedule().getWindowsList());
        out.writeEndObject();
    }

    private static void status(JsonGenerator out, MaintenanceView maintenance) throws IOException {
        out.writeStartObject();
        messages(out, "draining_machines", maintenance.status().getDrainingMachinesList());
        messages(out, "down_machines", maintenance.status().getDownMachinesList());
        out.writeEndObject();
    }

    /** A list that is there also when it is empty. */
    private static void messages(JsonGenerator out, String field, List<? extends Message> messages) throws IOException {
        out.writeArrayFieldStart(field);
        for (Message message : messages) {
            JsonCodec.write(message, out);
        }
        out.writeEndArray();
    }
}
