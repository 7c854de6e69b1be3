package io.paddock.marathon.server.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.AppView;
import io.paddock.marathon.core.MarathonView;
import io.paddock.marathon.core.Request;
import io.paddock.marathon.core.instance.Agent;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.instance.TaskIds;
import io.paddock.marathon.core.model.PathId;
import io.paddock.marathon.server.http.Leadership.Desk;
import io.paddock.marathon.server.json.TaskWriter;
import io.paddock.platform.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** {@code /v2/apps/{id}/tasks}, {@code /v2/tasks} and {@code /v2/tasks/delete}: what runs, and ending it. */
final class AppTasksResource implements Resource {
    /** A task and the app it belongs to. */
    private record Found(AppView app, Instance instance) {}

    /** {@code /v2/tasks}. */
    @Override
    public CompletionStage<HttpResponse> handle(ApiRequest r, Desk desk) throws Refused {
        if (r.path().equals(List.of("delete")) && r.method().equals("POST")) {
            return killListed(r, desk);
        }
        if (!r.path().isEmpty()) {
            throw Refused.notFound("No such resource");
        }
        AppsResource.get(r);
        List<String> states = new ArrayList<>(r.parameters("status"));
        states.addAll(r.parameters("status[]"));
        return Resource.then(desk.view(), view -> {
            ObjectNode body = Json.mapper().createObjectNode();
            ArrayNode tasks = body.putArray("tasks");
            for (AppView app : view.apps().values()) {
                for (Instance i : TaskWriter.placed(app)) {
                    ObjectNode task = TaskWriter.write(app, i, true);
                    String state = task.path("state").asText();
                    if (states.isEmpty() || states.stream().anyMatch(s -> state.equalsIgnoreCase("TASK_" + s))) {
                        tasks.add(task);
                    }
                }
            }
            return Resource.json(body);
        });
    }

    /** {@code /v2/apps/{id}/tasks}, where the id may end with a star for all apps of a group. */
    CompletionStage<HttpResponse> ofApp(ApiRequest r, List<String> path, Desk desk) throws Refused {
        switch (r.method()) {
            case "GET":
                return Resource.then(desk.view(), view -> {
                    ObjectNode body = Json.mapper().createObjectNode();
                    ArrayNode tasks = body.putArray("tasks");
                    for (AppView app : apps(view, path)) {
                        TaskWriter.placed(app).forEach(i -> tasks.add(TaskWriter.write(app, i, false)));
                    }
                    return Resource.json(body);
                });
            case "DELETE":
                String host = r.parameter("host").orElse("*");
                checkFlags(r);
                return killing(
                        r,
                        desk,
                        view -> {
                            List<Found> found = new ArrayList<>();
                            for (AppView app : apps(view, path)) {
                                TaskWriter.placed(app).stream()
                                        .filter(i -> host.equals("*") || host.equals(hostOf(i)))
                                        .forEach(i -> found.add(new Found(app, i)));
                            }
                            return found;
                        },
                        false);
            default:
                throw Refused.methodNotAllowed();
        }
    }

    /**
     * {@code DELETE /v2/apps/{id}/tasks/{taskId}}. Some clients work the app's id out from the task's, wrongly since ids have
     * the form they have now; so a task that is known is ended whatever app is named.
     */
    CompletionStage<HttpResponse> kill(ApiRequest r, List<String> path, String taskId, Desk desk) throws Refused {
        checkFlags(r);
        return killing(
                r,
                desk,
                view -> {
                    Optional<Found> found = find(view, taskId);
                    if (found.isEmpty()) {
                        PathId id = Resource.path(path);
                        AppsResource.find(view, id);
                        throw Refused.notFound("Task '" + taskId + "' of app '" + id + "' does not exist");
                    }
                    return List.of(found.get());
                },
                true);
    }

    private CompletionStage<HttpResponse> killListed(ApiRequest r, Desk desk) throws Refused {
        checkFlags(r);
        List<String> ids = new ArrayList<>();
        var json = r.json().path("ids");
        if (!json.isArray()) {
            throw Refused.of(new io.paddock.marathon.server.json.InvalidJson("/ids", "error.expected.jsarray"));
        }
        for (var id : json) {
            if (TaskIds.lenientInstanceOf(id.asText()).isEmpty()) {
                throw Refused.badRequest("'" + id.asText() + "' is not a task id");
            }
            ids.add(id.asText());
        }
        return killing(
                r,
                desk,
                view -> {
                    List<Found> found = new ArrayList<>();
                    ids.forEach(id -> find(view, id).ifPresent(found::add));
                    return found;
                },
                false);
    }

    /** Says which tasks. */
    private interface Choice {
        List<Found> choose(MarathonView view) throws Refused;
    }

    private static CompletionStage<HttpResponse> killing(ApiRequest r, Desk desk, Choice choice, boolean single)
            throws Refused {
        boolean scale = r.flag("scale", false);
        boolean wipe = r.flag("wipe", false);
        boolean force = r.flag("force", false);
        return desk.view().thenCompose(view -> {
            List<Found> found;
            try {
                found = choice.choose(view);
            } catch (Refused e) {
                return CompletableFuture.failedStage(e);
            }
            List<String> ids = found.stream().map(f -> f.instance().id()).toList();
            var answer = desk.ask(new Request.KillTasks(ids, scale, wipe, force), r.origin());
            return Resource.then(answer, a -> scale ? Resource.deployed(a) : killed(found, single));
        });
    }

    private static HttpResponse killed(List<Found> found, boolean single) {
        ObjectNode body = Json.mapper().createObjectNode();
        if (single) {
            Found f = found.get(0);
            body.set("task", TaskWriter.write(f.app(), f.instance(), false));
            return Resource.json(body);
        }
        ArrayNode tasks = body.putArray("tasks");
        found.forEach(f -> tasks.add(TaskWriter.write(f.app(), f.instance(), false)));
        return Resource.json(body);
    }

    private static void checkFlags(ApiRequest r) throws Refused {
        if (r.flag("scale", false) && r.flag("wipe", false)) {
            throw Refused.badRequest("You cannot use scale and wipe at the same time.");
        }
    }

    private static Optional<Found> find(MarathonView view, String taskOrInstanceId) {
        Optional<String> id = TaskIds.lenientInstanceOf(taskOrInstanceId);
        for (AppView app : view.apps().values()) {
            for (Instance i : TaskWriter.placed(app)) {
                if (id.isPresent() && i.id().equals(id.get())) {
                    return Optional.of(new Found(app, i));
                }
            }
        }
        return Optional.empty();
    }

    private static List<AppView> apps(MarathonView view, List<String> path) throws Refused {
        boolean all = !path.isEmpty() && path.get(path.size() - 1).equals("*");
        if (!all) {
            return List.of(AppsResource.find(view, Resource.path(path)));
        }
        PathId group = Resource.path(path.subList(0, path.size() - 1));
        if (!view.groups().containsKey(group)) {
            throw Refused.notFound("Group '" + group + "' does not exist");
        }
        return view.appsIn(group);
    }

    private static String hostOf(Instance i) {
        Agent agent = i.agent();
        return agent == null ? "" : agent.host();
    }
}
