package io.paddock.master.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Message;
import io.paddock.common.Rejection;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.http.Responses;
import io.paddock.platform.json.Json;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.quota.QuotaRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.PathMatchers;
import org.apache.pekko.http.javadsl.server.Route;

/**
 * The endpoints from before the operator API that change something. Each turns its request into the call that took its
 * place, so that both have the same rules. Bodies are JSON whatever their content type says, as {@code curl -d} sends them.
 */
final class LegacyWrites {
    private static final Duration BODY_WITHIN = Duration.ofSeconds(60);

    private LegacyWrites() {}

    static Route create(Leadership leadership) {
        return Directives.concat(
                Directives.path("quota", () -> Directives.post(() -> body(leadership, LegacyWrites::setQuota))),
                Directives.pathPrefix(
                        "quota",
                        () -> Directives.path(
                                PathMatchers.remaining(),
                                role -> Directives.delete(() -> body(leadership, body -> removeQuota(role))))),
                Directives.path("weights", () -> Directives.put(() -> body(leadership, LegacyWrites::updateWeights))));
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

    /** A body that is the list in one field of a message. */
    private static <M extends Message> M list(byte[] body, String field, M defaultInstance) {
        JsonNode list;
        try {
            list = Json.mapper().readTree(body);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("body: not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("body: not JSON: " + e.getMessage(), e);
        }
        if (!list.isArray()) {
            throw new IllegalArgumentException("body: expected a JSON array but got "
                    + new String(body, 0, Math.min(body.length, 100), StandardCharsets.UTF_8));
        }
        return JsonCodec.fromJson(Json.bytes(Map.of(field, list)), defaultInstance);
    }
}
