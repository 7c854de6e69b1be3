package io.paddock.marathon.server.http;

import io.paddock.marathon.core.Answer;
import io.paddock.marathon.core.Request;
import io.paddock.marathon.core.model.PathId;
import io.paddock.marathon.core.model.Stamp;
import io.paddock.marathon.server.http.Leadership.Desk;
import io.paddock.marathon.server.json.DeploymentWriter;
import io.paddock.platform.http.Responses;
import io.paddock.platform.json.Json;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** One part of the API. */
interface Resource {
    /** Answers a request, or fails with {@link Refused}. */
    CompletionStage<HttpResponse> handle(ApiRequest request, Desk desk) throws Refused;

    /** A step that may refuse. */
    interface Step<A> {
        HttpResponse apply(A value) throws Refused;
    }

    /** Goes on with a value when it is there. */
    static <A> CompletionStage<HttpResponse> then(CompletionStage<A> value, Step<A> step) {
        return value.thenCompose(v -> {
            try {
                return CompletableFuture.completedStage(step.apply(v));
            } catch (Refused e) {
                return CompletableFuture.failedStage(e);
            }
        });
    }

    /** Asks for a change that starts a deployment, and answers with its id. */
    static CompletionStage<HttpResponse> deploy(Desk desk, ApiRequest request, Request change) {
        return then(desk.ask(change, request.origin()), Resource::deployed);
    }

    /** The answer of a change that started a deployment. */
    static HttpResponse deployed(Answer answer) throws Refused {
        Answer.Deploying d = deploying(answer);
        return withDeployment(json(DeploymentWriter.result(d.version(), d.deploymentId())), d);
    }

    static Answer.Deploying deploying(Answer answer) throws Refused {
        if (answer instanceof Answer.Refused refused) {
            throw Refused.of(refused.refusal());
        }
        if (answer instanceof Answer.Deploying deploying) {
            return deploying;
        }
        throw new IllegalStateException("a deployment was asked for, the answer is " + answer);
    }

    static HttpResponse withDeployment(HttpResponse response, Answer.Deploying deploying) {
        return response.addHeader(RawHeader.create("Marathon-Deployment-Id", deploying.deploymentId()));
    }

    static HttpResponse created(HttpResponse response, PathId id) {
        return response.withStatus(StatusCodes.CREATED).addHeader(RawHeader.create("Location", id.text()));
    }

    static HttpResponse json(Object body) {
        return Responses.json(Json.bytes(body));
    }

    /** A version from a path. */
    static Instant version(String text) throws Refused {
        return Stamp.parse(text)
                .orElseThrow(() ->
                        Refused.unprocessable("'" + text + "' is not a timestamp such as 2020-05-01T12:00:00.000Z"));
    }

    static PathId path(List<String> segments) {
        return PathId.of("/" + String.join("/", segments));
    }
}
