package io.paddock.marathon.server.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.Answer;
import io.paddock.marathon.core.Request;
import io.paddock.marathon.server.http.Leadership.Desk;
import io.paddock.marathon.server.json.QueueWriter;
import io.paddock.platform.json.Json;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;

/** {@code /v2/queue}: what waits, and why. */
final class QueueResource implements Resource {
    @Override
    public CompletionStage<HttpResponse> handle(ApiRequest r, Desk desk) throws Refused {
        List<String> path = r.path();
        if (path.isEmpty()) {
            AppsResource.get(r);
            List<String> embeds = r.parameters("embed");
            return Resource.then(desk.view(), view -> {
                ObjectNode body = Json.mapper().createObjectNode();
                ArrayNode queue = body.putArray("queue");
                Instant now = Instant.now();
                view.apps().values().stream()
                        .filter(app -> app.waiting() > 0 && app.current() != null)
                        .forEach(app -> queue.add(QueueWriter.write(app, embeds, view.connected(), now)));
                return Resource.json(body);
            });
        }
        if (path.size() < 2 || !path.get(path.size() - 1).equals("delay")) {
            throw Refused.notFound("No such resource");
        }
        if (!r.method().equals("DELETE")) {
            throw Refused.methodNotAllowed();
        }
        Request reset = new Request.ResetDelay(Resource.path(path.subList(0, path.size() - 1)));
        return Resource.then(desk.ask(reset, r.origin()), answer -> {
            if (answer instanceof Answer.Refused refused) {
                throw Refused.of(refused.refusal());
            }
            return HttpResponse.create().withStatus(StatusCodes.NO_CONTENT);
        });
    }
}
