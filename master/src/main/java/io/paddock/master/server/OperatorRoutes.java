package io.paddock.master.server;

import io.paddock.common.Rejection;
import io.paddock.platform.http.Calls;
import io.paddock.platform.http.Exchange;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.http.Responses;
import io.paddock.proto.domain.CallParts;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.master.Call;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;

/** The operator API {@code /api/v1}, and the older {@code /teardown}. */
final class OperatorRoutes {
    private OperatorRoutes() {}

    /** At {@code /api/v1}; calls that only read are the read side's. */
    static Route api(Leadership leadership, ReadRoutes reads) {
        return leadership.whenServing(master ->
                Calls.route(Call.getDefaultInstance(), (call, exchange) -> called(master, reads, call, exchange)));
    }

    private static CompletionStage<HttpResponse> called(
            MasterShell master, ReadRoutes reads, Call call, Exchange exchange) {
        if (!call.hasType()) {
            return rejected(Rejection.invalid("type: expecting it to be present"));
        }
        if (call.getType() == Call.Type.UNKNOWN) {
            return rejected(new Rejection(Rejection.Code.NOT_SUPPORTED, "type: UNKNOWN is not a call"));
        }
        boolean mayBeBare = call.getType() == Call.Type.EXPLAIN_OFFERS;
        Optional<String> missing = mayBeBare ? Optional.empty() : CallParts.missing(call, call.getType());
        if (missing.isPresent()) {
            return rejected(Rejection.invalid(missing.get() + ": expecting it to be present"));
        }
        return reads.answer(call, exchange)
                .orElseGet(() ->
                        master.operator(call, exchange.principal().orElse(null)).thenApply(SchedulerRoutes::response));
    }

    private static CompletionStage<HttpResponse> rejected(Rejection rejection) {
        return CompletableFuture.completedFuture(Responses.rejected(rejection));
    }

    /** {@code POST /teardown} with a form field {@code frameworkId}. */
    static Route teardown(Leadership leadership) {
        return Directives.path(
                "teardown",
                () -> Directives.concat(
                        Directives.post(() -> leadership.whenServing(OperatorRoutes::tornDown)),
                        Directives.complete(LegacyWrites.expectedPost())));
    }

    private static Route tornDown(MasterShell master) {
        return Directives.formFieldOptional(
                "frameworkId",
                id -> id.isEmpty()
                        ? Directives.complete(
                                Responses.rejected(Rejection.invalid("Missing 'frameworkId' in the body")))
                        : Directives.extractRequest(request -> Directives.completeWithFuture(master.operator(
                                        teardownCall(id.get()),
                                        HttpServer.principal(request).orElse(null))
                                .thenApply(SchedulerRoutes::response))));
    }

    private static Call teardownCall(String frameworkId) {
        return Call.newBuilder()
                .setType(Call.Type.TEARDOWN)
                .setTeardown(Call.Teardown.newBuilder()
                        .setFrameworkId(FrameworkID.newBuilder().setValue(frameworkId)))
                .build();
    }
}
