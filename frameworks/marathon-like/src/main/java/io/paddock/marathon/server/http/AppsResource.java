package io.paddock.marathon.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.Answer;
import io.paddock.marathon.core.AppView;
import io.paddock.marathon.core.MarathonView;
import io.paddock.marathon.core.Request;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.App.VersionInfo;
import io.paddock.marathon.core.model.PathId;
import io.paddock.marathon.core.model.Stamp;
import io.paddock.marathon.server.http.Leadership.Desk;
import io.paddock.marathon.server.json.AppDefaults;
import io.paddock.marathon.server.json.AppInfoWriter;
import io.paddock.marathon.server.json.AppWriter;
import io.paddock.marathon.server.json.Embeds;
import io.paddock.marathon.server.json.Embeds.Embed;
import io.paddock.platform.json.Json;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** {@code /v2/apps}: everything about definitions of apps. What is about their tasks is {@link AppTasksResource}'s. */
final class AppsResource implements Resource {
    private static final Set<Embed> ALWAYS_IN_LIST = EnumSet.of(Embed.COUNTS, Embed.DEPLOYMENTS);
    private static final Set<Embed> ALWAYS_ALONE =
            EnumSet.of(Embed.COUNTS, Embed.TASKS, Embed.LASTTASKFAILURE, Embed.DEPLOYMENTS);

    private final AppChanges changes;
    private final AppTasksResource tasks = new AppTasksResource();

    AppsResource(AppDefaults defaults) {
        this.changes = new AppChanges(defaults);
    }

    @Override
    public CompletionStage<HttpResponse> handle(ApiRequest r, Desk desk) throws Refused {
        List<String> path = r.path();
        int n = path.size();
        String last = n > 0 ? path.get(n - 1) : "";
        String before = n > 1 ? path.get(n - 2) : "";
        if (n == 0) {
            return collection(r, desk);
        }
        if (last.equals("tasks")) {
            return tasks.ofApp(r, path.subList(0, n - 1), desk);
        }
        if (before.equals("tasks") && r.method().equals("DELETE")) {
            return tasks.kill(r, path.subList(0, n - 2), last, desk);
        }
        if (last.equals("*")) {
            return allBelow(r, Resource.path(path.subList(0, n - 1)), desk);
        }
        if (last.equals("versions")) {
            return versions(r, Resource.path(path.subList(0, n - 1)), desk);
        }
        if (before.equals("versions") && r.method().equals("GET")) {
            return version(Resource.path(path.subList(0, n - 2)), Resource.version(last), desk);
        }
        if (last.equals("restart") && r.method().equals("POST")) {
            return Resource.deploy(
                    desk, r, new Request.RestartApp(Resource.path(path.subList(0, n - 1)), r.flag("force", false)));
        }
        return one(r, Resource.path(path), desk);
    }

    private CompletionStage<HttpResponse> collection(ApiRequest r, Desk desk) throws Refused {
        switch (r.method()) {
            case "GET":
                Predicate<AppView> filter = filter(r);
                Set<Embed> embeds = Embeds.apps(r.parameters("embed"), ALWAYS_IN_LIST);
                return Resource.then(
                        desk.view(), view -> Resource.json(list("apps", view, PathId.ROOT, filter, embeds)));
            case "POST":
                return changes.create(r, desk);
            case "PUT":
                return changes.changeMany(r, desk, r.flag("partialUpdate", true), true);
            case "PATCH":
                return changes.changeMany(r, desk, true, false);
            default:
                throw Refused.methodNotAllowed();
        }
    }

    private CompletionStage<HttpResponse> one(ApiRequest r, PathId id, Desk desk) throws Refused {
        switch (r.method()) {
            case "GET":
                Set<Embed> embeds = Embeds.apps(r.parameters("embed"), ALWAYS_ALONE);
                return Resource.then(desk.view(), view -> {
                    ObjectNode body = Json.mapper().createObjectNode();
                    body.set("app", AppInfoWriter.write(view, find(view, id), embeds, Instant.now()));
                    return Resource.json(body);
                });
            case "PUT":
                return changes.changeOne(r, id, desk, r.flag("partialUpdate", true), true);
            case "PATCH":
                return changes.changeOne(r, id, desk, true, false);
            case "DELETE":
                return Resource.deploy(desk, r, new Request.DeleteApp(id, r.flag("force", true)));
            default:
                throw Refused.methodNotAllowed();
        }
    }

    private static CompletionStage<HttpResponse> allBelow(ApiRequest r, PathId group, Desk desk) throws Refused {
        get(r);
        Set<Embed> embeds = Embeds.apps(r.parameters("embed"), ALWAYS_IN_LIST);
        return Resource.then(desk.view(), view -> Resource.json(list("*", view, group, app -> true, embeds)));
    }

    private static CompletionStage<HttpResponse> versions(ApiRequest r, PathId id, Desk desk) throws Refused {
        get(r);
        return Resource.then(desk.view(), view -> {
            ObjectNode body = Json.mapper().createObjectNode();
            ArrayNode versions = body.putArray("versions");
            find(view, id).versions().descendingKeySet().forEach(v -> versions.add(Stamp.format(v)));
            return Resource.json(body);
        });
    }

    private static CompletionStage<HttpResponse> version(PathId id, Instant version, Desk desk) {
        return Resource.then(desk.view(), view -> {
            App app = find(view, id).versions().get(version);
            if (app == null) {
                throw Refused.notFound("App '" + id + "' does not exist in version " + Stamp.format(version));
            }
            return Resource.json(AppWriter.write(app));
        });
    }

    static void get(ApiRequest r) throws Refused {
        if (!r.method().equals("GET")) {
            throw Refused.methodNotAllowed();
        }
    }

    static AppView find(MarathonView view, PathId id) throws Refused {
        return view.app(id).orElseThrow(() -> Refused.notFound("App '" + id + "' does not exist"));
    }

    static ArrayNode infos(MarathonView view, PathId group, Predicate<AppView> filter, Set<Embed> embeds) {
        ArrayNode apps = Json.mapper().createArrayNode();
        Instant now = Instant.now();
        view.appsIn(group).stream()
                .filter(filter)
                .forEach(app -> apps.add(AppInfoWriter.write(view, app, embeds, now)));
        return apps;
    }

    private static ObjectNode list(
            String name, MarathonView view, PathId group, Predicate<AppView> filter, Set<Embed> embeds) {
        ObjectNode body = Json.mapper().createObjectNode();
        body.set(name, infos(view, group, filter, embeds));
        return body;
    }

    private static Predicate<AppView> filter(ApiRequest r) throws Refused {
        Optional<String> cmd = r.parameter("cmd").map(c -> c.toLowerCase(Locale.ROOT));
        Optional<String> id = r.parameter("id").map(i -> i.toLowerCase(Locale.ROOT));
        Predicate<Map<String, String>> labels = r.parameter("label").isPresent()
                ? LabelSelector.parse(r.parameter("label").get())
                : all -> true;
        return view -> {
            App app = view.current();
            String line = app == null ? null : app.command().cmd();
            return app != null
                    && cmd.map(c -> line != null
                                    && line.toLowerCase(Locale.ROOT).contains(c))
                            .orElse(true)
                    && id.map(i -> app.id().text().toLowerCase(Locale.ROOT).contains(i))
                            .orElse(true)
                    && labels.test(app.labels());
        };
    }

    /** The app as the answer to its creation shows it. */
    static JsonNode justCreated(App app, Answer.Deploying deploying) {
        ObjectNode body = AppWriter.write(app.at(app.version(), VersionInfo.NONE));
        body.put("tasksStaged", 0).put("tasksRunning", 0).put("tasksHealthy", 0).put("tasksUnhealthy", 0);
        body.putArray("deployments").addObject().put("id", deploying.deploymentId());
        return body;
    }
}
