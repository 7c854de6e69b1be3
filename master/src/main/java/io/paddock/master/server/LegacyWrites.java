package io.paddock.master.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Message;
import io.paddock.common.Rejection;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.http.Responses;
import io.paddock.platform.json.Json;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.maintenance.Schedule;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.quota.QuotaRequest;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.Allow;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.PathMatcher0;
import org.apache.pekko.http.javadsl.server.PathMatchers;
import org.apache.pekko.http.javadsl.server.Route;

/**
 * The endpoints from before the operator API that change something. Each turns its request into the call that took its
 * place, so that both have the same rules. Bodies are JSON or forms
 * whatever their content type says, as {@code curl -d} sends them.
 */
final class LegacyWrites {
    private static final Duration BODY_WITHIN = Duration.ofSeconds(60);

    private LegacyWrites() {}

    static Route create(Leadership leadership) {
        return Directives.concat(
                post(leadership, PathMatchers.segment("quota"), LegacyWrites::setQuota),
                Directives.pathPrefix(
                        "quota",
                        () -> Directives.path(
                                PathMatchers.segments(),
                                role -> Directives.delete(
                                        () -> body(leadership, body -> removeQuota(String.join("/", role)))))),
                Directives.path("weights", () -> Directives.put(() -> body(leadership, LegacyWrites::updateWeights))),
                post(leadership, PathMatchers.segment("maintenance").slash("schedule"), LegacyWrites::updateSchedule),
                postOnly(leadership, PathMatchers.segment("machine").slash("down"), LegacyWrites::startMaintenance),
                postOnly(leadership, PathMatchers.segment("machine").slash("up"), LegacyWrites::stopMaintenance),
                postOnly(leadership, PathMatchers.segment("reserve"), LegacyWrites::reserve),
                postOnly(leadership, PathMatchers.segment("unreserve"), LegacyWrites::unreserve),
                postOnly(leadership, PathMatchers.segment("create-volumes"), LegacyWrites::createVolumes),
                postOnly(leadership, PathMatchers.segment("destroy-volumes"), LegacyWrites::destroyVolumes));
    }

    private static Route post(Leadership leadership, PathMatcher0 path, Reading reading) {
        return Directives.path(path, () -> Directives.post(() -> body(leadership, reading)));
    }

    /** Where nothing is read at the same place. */
    private static Route postOnly(Leadership leadership, PathMatcher0 path, Reading reading) {
        return Directives.concat(
                post(leadership, path, reading), Directives.path(path, () -> Directives.complete(expectedPost())));
    }

    /** The answer to other methods where only POST does something. */
    static HttpResponse expectedPost() {
        return Responses.text(StatusCodes.METHOD_NOT_ALLOWED, "Expected POST")
                .addHeader(Allow.create(HttpMethods.POST));
    }

    /** Makes a call of a body; IllegalArgumentException tells what is wrong with it. */
    private interface Reading {
        Call call(byte[] body);
    }

    private static Route body(Leadership leadership, Reading reading) {
        return leadership.whenServing(master -> Directives.extractRequest(request ->
                Directives.extractStrictEntity(BODY_WITHIN, HttpServer.MAX_BODY_BYTES, entity -> {
                    Call call;
                    try {
                        call = reading.call(entity.getData().toArrayUnsafe());
                    } catch (IllegalArgumentException e) {
                        return Directives.complete(Responses.rejected(Rejection.invalid(e.getMessage())));
                    }
                    return Directives.completeWithFuture(
                            master.operator(call, HttpServer.principal(request).orElse(null))
                                    .thenApply(SchedulerRoutes::response));
                })));
    }

    private static Call setQuota(byte[] body) {
        QuotaRequest request = JsonCodec.fromJson(body, QuotaRequest.getDefaultInstance());
        return Call.newBuilder()
                .setType(Call.Type.SET_QUOTA)
                .setSetQuota(Call.SetQuota.newBuilder().setQuotaRequest(request))
                .build();
    }

    private static Call removeQuota(String role) {
        return Call.newBuilder()
                .setType(Call.Type.REMOVE_QUOTA)
                .setRemoveQuota(Call.RemoveQuota.newBuilder().setRole(role))
                .build();
    }

    private static Call updateWeights(byte[] body) {
        return Call.newBuilder()
                .setType(Call.Type.UPDATE_WEIGHTS)
                .setUpdateWeights(list(body, "weight_infos", Call.UpdateWeights.getDefaultInstance()))
                .build();
    }

    private static Call updateSchedule(byte[] body) {
        return Call.newBuilder()
                .setType(Call.Type.UPDATE_MAINTENANCE_SCHEDULE)
                .setUpdateMaintenanceSchedule(Call.UpdateMaintenanceSchedule.newBuilder()
                        .setSchedule(JsonCodec.fromJson(body, Schedule.getDefaultInstance())))
                .build();
    }

    private static Call startMaintenance(byte[] body) {
        return Call.newBuilder()
                .setType(Call.Type.START_MAINTENANCE)
                .setStartMaintenance(list(body, "machines", Call.StartMaintenance.getDefaultInstance()))
                .build();
    }

    private static Call stopMaintenance(byte[] body) {
        return Call.newBuilder()
                .setType(Call.Type.STOP_MAINTENANCE)
                .setStopMaintenance(list(body, "machines", Call.StopMaintenance.getDefaultInstance()))
                .build();
    }

    private static Call reserve(byte[] body) {
        Map<String, String> form = form(body);
        Map<String, Object> fields = onAgent(form, "resources");
        if (form.containsKey("source")) {
            fields.put("source", array("source", form));
        }
        return Call.newBuilder()
                .setType(Call.Type.RESERVE_RESOURCES)
                .setReserveResources(JsonCodec.fromJson(Json.bytes(fields), Call.ReserveResources.getDefaultInstance()))
                .build();
    }

    private static Call unreserve(byte[] body) {
        byte[] json = Json.bytes(onAgent(form(body), "resources"));
        return Call.newBuilder()
                .setType(Call.Type.UNRESERVE_RESOURCES)
                .setUnreserveResources(JsonCodec.fromJson(json, Call.UnreserveResources.getDefaultInstance()))
                .build();
    }

    private static Call createVolumes(byte[] body) {
        byte[] json = Json.bytes(onAgent(form(body), "volumes"));
        return Call.newBuilder()
                .setType(Call.Type.CREATE_VOLUMES)
                .setCreateVolumes(JsonCodec.fromJson(json, Call.CreateVolumes.getDefaultInstance()))
                .build();
    }

    private static Call destroyVolumes(byte[] body) {
        byte[] json = Json.bytes(onAgent(form(body), "volumes"));
        return Call.newBuilder()
                .setType(Call.Type.DESTROY_VOLUMES)
                .setDestroyVolumes(JsonCodec.fromJson(json, Call.DestroyVolumes.getDefaultInstance()))
                .build();
    }

    /** The fields of a call about resources of an agent. */
    private static Map<String, Object> onAgent(Map<String, String> form, String list) {
        String agent = form.get("slaveId");
        if (agent == null || agent.isEmpty()) {
            throw new IllegalArgumentException("slaveId: expecting it in the form");
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("agent_id", Map.of("value", agent));
        fields.put(list, array(list, form));
        return fields;
    }

    private static JsonNode array(String field, Map<String, String> form) {
        String json = form.get(field);
        if (json == null) {
            throw new IllegalArgumentException(field + ": expecting it in the form");
        }
        return array(field, json.getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, String> form(byte[] body) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : new String(body, StandardCharsets.UTF_8).split("&", -1)) {
            int equals = field.indexOf('=');
            if (equals > 0) {
                fields.put(decoded(field.substring(0, equals)), decoded(field.substring(equals + 1)));
            }
        }
        return fields;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** A body that is the list in one field of a message. */
    private static <M extends Message> M list(byte[] body, String field, M defaultInstance) {
        return JsonCodec.fromJson(Json.bytes(Map.of(field, array("body", body))), defaultInstance);
    }

    private static JsonNode array(String what, byte[] json) {
        JsonNode list;
        try {
            list = Json.mapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(what + ": not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException(what + ": not JSON: " + e.getMessage(), e);
        }
        if (!list.isArray()) {
            throw new IllegalArgumentException(what + ": expected a JSON array but got "
                    + new String(json, 0, Math.min(json.length, 100), StandardCharsets.UTF_8));
        }
        return list;
    }
}
