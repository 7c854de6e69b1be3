package io.paddock.marathon.server.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.Answer;
import io.paddock.marathon.core.GroupUpdate;
import io.paddock.marathon.core.MarathonView;
import io.paddock.marathon.core.Request;
import io.paddock.marathon.core.model.PathId;
import io.paddock.marathon.core.model.Stamp;
import io.paddock.marathon.server.http.Leadership.Desk;
import io.paddock.marathon.server.json.AppDefaults;
import io.paddock.marathon.server.json.DeploymentWriter;
import io.paddock.marathon.server.json.Embeds;
import io.paddock.marathon.server.json.Embeds.Embed;
import io.paddock.marathon.server.json.GroupReader;
import io.paddock.marathon.server.json.GroupWriter;
import io.paddock.marathon.server.json.InvalidJson;
import io.paddock.platform.json.Json;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.jspecify.annotations.Nullable;

/** {@code /v2/groups}. */
final class GroupsResource implements Resource {
    private static final Set<Embed> ALWAYS_IN_LIST = EnumSet.of(Embed.COUNTS, Embed.DEPLOYMENTS);

    private final AppDefaults defaults;

    GroupsResource(AppDefaults defaults) {
        this.defaults = defaults;
    }

    @Override
    public CompletionStage<HttpResponse> handle(ApiRequest r, Desk desk) throws Refused {
        List<String> path = r.path();
        int n = path.size();
        boolean get = r.method().equals("GET");
        if (get && n > 0 && path.get(n - 1).equals("apps")) {
            return apps(r, Resource.path(path.subList(0, n - 1)), desk);
        }
        if (get && n > 0 && path.get(n - 1).equals("versions")) {
            return versions(Resource.path(path.subList(0, n - 1)), desk);
        }
        if (get && n > 1 && path.get(n - 2).equals("versions")) {
            return version(Resource.path(path.subList(0, n - 2)), Resource.version(path.get(n - 1)), desk);
        }
        PathId id = Resource.path(path);
        switch (r.method()) {
            case "GET":
                return Resource.then(desk.view(), view -> {
                    find(view, id);
                    return Resource.json(new GroupWriter(view, r.parameters("embed"), Instant.now()).write(id));
                });
            case "POST":
                return create(r, path, desk);
            case "PUT":
                return change(r, id, desk);
            case "PATCH":
                return enforceRole(r, id, desk);
            case "DELETE":
                return Resource.deploy(desk, r, new Request.DeleteGroup(id, r.flag("force", false)));
            default:
                throw Refused.methodNotAllowed();
        }
    }

    private CompletionStage<HttpResponse> create(ApiRequest r, List<String> path, Desk desk) throws Refused {
        GroupUpdate update = read(r, path.isEmpty() ? null : Resource.path(path));
        Request change = new Request.ChangeGroup(update, true, r.flag("force", false), false);
        return Resource.then(
                desk.ask(change, r.origin()), answer -> Resource.created(Resource.deployed(answer), update.id()));
    }

    private CompletionStage<HttpResponse> change(ApiRequest r, PathId id, Desk desk) throws Refused {
        boolean dryRun = r.flag("dryRun", false);
        Request change = new Request.ChangeGroup(read(r, id), false, r.flag("force", false), dryRun);
        return Resource.then(desk.ask(change, r.origin()), answer -> {
            if (answer instanceof Answer.Planned planned) {
                ObjectNode body = Json.mapper().createObjectNode();
                body.set("steps", DeploymentWriter.steps(planned.steps()));
                return Resource.json(body);
            }
            return Resource.deployed(answer);
        });
    }

    private static CompletionStage<HttpResponse> enforceRole(ApiRequest r, PathId id, Desk desk) throws Refused {
        var json = r.json().path("enforceRole");
        if (!json.isBoolean()) {
            throw Refused.of(new InvalidJson("/enforceRole", "error.expected.jsboolean"));
        }
        Request change = new Request.SetEnforceRole(id, json.booleanValue());
        return Resource.then(desk.ask(change, r.origin()), answer -> {
            if (answer instanceof Answer.Refused refused) {
                throw Refused.of(refused.refusal());
            }
            return HttpResponse.create();
        });
    }

    private GroupUpdate read(ApiRequest r, @Nullable PathId id) throws Refused {
        try {
            return new GroupReader(defaults).read(r.json(), id);
        } catch (InvalidJson e) {
            throw Refused.of(e);
        }
    }

    private static CompletionStage<HttpResponse> apps(ApiRequest r, PathId id, Desk desk) {
        Set<Embed> embeds = Embeds.apps(r.parameters("embed"), ALWAYS_IN_LIST);
        return Resource.then(desk.view(), view -> {
            find(view, id);
            return Resource.json(AppsResource.infos(view, id, app -> true, embeds));
        });
    }

    private static CompletionStage<HttpResponse> versions(PathId id, Desk desk) {
        return Resource.then(desk.view(), view -> {
            find(view, id);
            ArrayNode body = Json.mapper().createArrayNode();
            GroupWriter.versions(view, id).forEach(v -> body.add(Stamp.format(v)));
            return Resource.json(body);
        });
    }

    private static CompletionStage<HttpResponse> version(PathId id, Instant version, Desk desk) {
        return Resource.then(desk.view(), view -> {
            find(view, id);
            if (!GroupWriter.versions(view, id).contains(version)) {
                throw Refused.notFound("Group '" + id + "' does not exist in version " + Stamp.format(version));
            }
            return Resource.json(new GroupWriter(view, List.of(), Instant.now()).writeAt(id, version));
        });
    }

    private static void find(MarathonView view, PathId id) throws Refused {
        if (!view.groups().containsKey(id)) {
            throw Refused.notFound("Group '" + id + "' does not exist");
        }
    }
}
