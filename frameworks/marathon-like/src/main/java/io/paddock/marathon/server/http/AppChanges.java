package io.paddock.marathon.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.marathon.core.Answer;
import io.paddock.marathon.core.MarathonView;
import io.paddock.marathon.core.Refusal;
import io.paddock.marathon.core.Refusal.Violation;
import io.paddock.marathon.core.Request;
import io.paddock.marathon.core.Request.ChangeApps;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.PathId;
import io.paddock.marathon.core.rules.AppRules;
import io.paddock.marathon.server.http.Leadership.Desk;
import io.paddock.marathon.server.json.AppDefaults;
import io.paddock.marathon.server.json.AppReader;
import io.paddock.marathon.server.json.InvalidJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * Creates and changes apps. A change is worked out from the definition there is and carried out only if that is still the
 * current one; otherwise it is worked out anew.
 */
final class AppChanges {
    private static final int MAX_TRIES = 20;

    private final AppReader reader;

    AppChanges(AppDefaults defaults) {
        this.reader = new AppReader(defaults);
    }

    /** Works out changes from what there is. */
    private interface Maker {
        List<ChangeApps.Change> make(MarathonView view) throws Refused;
    }

    CompletionStage<HttpResponse> create(ApiRequest r, Desk desk) throws Refused {
        App app = checked(read(r.json(), null, null), "");
        CompletionStage<Answer> answer = desk.ask(new Request.CreateApp(app, r.flag("force", false)), r.origin());
        return Resource.then(answer, a -> {
            Answer.Deploying d = Resource.deploying(a);
            App stored = d.apps().get(0);
            return Resource.withDeployment(
                    Resource.created(Resource.json(AppsResource.justCreated(stored, d)), stored.id()), d);
        });
    }

    CompletionStage<HttpResponse> changeOne(ApiRequest r, PathId id, Desk desk, boolean partial, boolean mayCreate)
            throws Refused {
        JsonNode json = r.json();
        boolean force = r.flag("force", false);
        Maker maker = view -> List.of(change(view, json, id, partial, mayCreate, ""));
        return Resource.then(carryOut(r, desk, maker, force, MAX_TRIES), answer -> {
            Answer.Deploying d = Resource.deploying(answer);
            HttpResponse response = Resource.deployed(d);
            return d.created() ? Resource.created(response, id) : response;
        });
    }

    CompletionStage<HttpResponse> changeMany(ApiRequest r, Desk desk, boolean partial, boolean mayCreate)
            throws Refused {
        JsonNode json = r.json();
        if (!json.isArray()) {
            throw Refused.of(new InvalidJson("/", "error.expected.jsarray"));
        }
        boolean force = r.flag("force", false);
        Maker maker = view -> {
            List<ChangeApps.Change> changes = new ArrayList<>();
            for (int i = 0; i < json.size(); i++) {
                JsonNode one = json.get(i);
                if (!one.path("id").isTextual()) {
                    throw Refused.of(Refusal.invalid("(" + i + ")/id", "must be given"));
                }
                changes.add(change(view, one, PathId.of(one.path("id").asText()), partial, mayCreate, "(" + i + ")"));
            }
            return changes;
        };
        return Resource.then(carryOut(r, desk, maker, force, MAX_TRIES), Resource::deployed);
    }

    private CompletionStage<Answer> carryOut(ApiRequest r, Desk desk, Maker maker, boolean force, int tries) {
        return desk.view()
                .thenCompose(view -> {
                    try {
                        return desk.ask(new ChangeApps(maker.make(view), force), r.origin());
                    } catch (Refused e) {
                        return CompletableFuture.failedStage(e);
                    }
                })
                .thenCompose(answer -> {
                    if (!(answer instanceof Answer.Stale)) {
                        return CompletableFuture.completedStage(answer);
                    }
                    return tries > 1
                            ? carryOut(r, desk, maker, force, tries - 1)
                            : CompletableFuture.failedStage(
                                    Refused.status(409, "The app is changed by others all the time; try again"));
                });
    }

    private ChangeApps.Change change(
            MarathonView view, JsonNode json, PathId id, boolean partial, boolean mayCreate, String prefix)
            throws Refused {
        App current = view.definition(id).orElse(null);
        if (current == null && !mayCreate) {
            throw Refused.notFound("App '" + id + "' does not exist");
        }
        Instant basedOn = current == null ? null : current.version();
        if (json.hasNonNull("version")) {
            return new ChangeApps.Change(earlier(view, json, id), basedOn);
        }
        return new ChangeApps.Change(checked(read(json, id, partial ? current : null), prefix), basedOn);
    }

    /** A version in an update means: as it was then. Nothing else may be changed with it. */
    private static App earlier(MarathonView view, JsonNode json, PathId id) throws Refused {
        for (var names = json.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!name.equals("version")
                    && !name.equals("id")
                    && !json.path(name).isNull()) {
                throw Refused.of(Refusal.invalid(
                        "/version",
                        "asks to go back to that version and cannot be combined with other fields such as '" + name
                                + "'; leave version out to change fields"));
            }
        }
        Instant version = Resource.version(json.path("version").asText());
        App app = AppsResource.find(view, id).versions().get(version);
        if (app == null) {
            throw Refused.unprocessable(
                    "App '" + id + "' has no version " + json.path("version").asText());
        }
        return app;
    }

    private App read(JsonNode json, @Nullable PathId id, @Nullable App base) throws Refused {
        try {
            return reader.read(json, id, base);
        } catch (InvalidJson e) {
            throw Refused.of(e);
        }
    }

    private static App checked(App app, String prefix) throws Refused {
        List<Violation> violations = AppRules.check(app, prefix);
        if (!violations.isEmpty()) {
            throw Refused.of(Refusal.invalid(violations));
        }
        return app;
    }
}
