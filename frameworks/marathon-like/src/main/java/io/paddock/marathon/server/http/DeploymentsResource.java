package io.paddock.marathon.server.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.paddock.marathon.core.Answer;
import io.paddock.marathon.core.Request;
import io.paddock.marathon.server.http.Leadership.Desk;
import io.paddock.marathon.server.json.DeploymentWriter;
import io.paddock.platform.json.Json;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;

/** {@code /v2/deployments}. */
final class DeploymentsResource implements Resource {
    @Override
    public CompletionStage<HttpResponse> handle(ApiRequest r, Desk desk) throws Refused {
        if (r.path().isEmpty()) {
            AppsResource.get(r);
            return Resource.then(desk.view(), view -> {
                ArrayNode body = Json.mapper().createArrayNode();
                view.deployments().values().forEach(d -> body.add(DeploymentWriter.write(view, d)));
                return Resource.json(body);
            });
        }
        if (r.path().size() > 1) {
            throw Refused.notFound("No such resource");
        }
        if (!r.method().equals("DELETE")) {
            throw Refused.methodNotAllowed();
        }
        Request cancel = new Request.CancelDeployment(r.path().get(0), r.flag("force", false));
        return Resource.then(
                desk.ask(cancel, r.origin()),
                answer -> answer instanceof Answer.Done
                        ? HttpResponse.create().withStatus(StatusCodes.ACCEPTED)
                        : Resource.deployed(answer));
    }
}
