package io.paddock.marathon.server.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.marathon.core.GroupUpdate;
import io.paddock.marathon.core.Refusal.Violation;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.PathId;
import io.paddock.marathon.core.model.Stamp;
import io.paddock.marathon.core.rules.AppRules;
import io.paddock.marathon.core.rules.IdRules;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads updates of groups, with the apps in them checked. */
public final class GroupReader {
    private final AppReader apps;
    private final List<Violation> violations = new ArrayList<>();

    public GroupReader(AppDefaults defaults) {
        this.apps = new AppReader(defaults);
    }

    /**
     * Reads an update.
     *
     * @param id where the group is, whatever the document says; absent when the document must say so
     * @throws InvalidJson naming all wrong fields
     */
    public GroupUpdate read(JsonNode json, @Nullable PathId id) throws InvalidJson {
        JsonIn in = JsonIn.root(json);
        GroupUpdate update = read(in, id, PathId.ROOT, "");
        in.check();
        if (!violations.isEmpty()) {
            throw new InvalidJson(violations);
        }
        return update;
    }

    private GroupUpdate read(JsonIn in, @Nullable PathId id, PathId parent, String path) {
        PathId own = id != null ? id : parent.resolve(in.requiredText("id"));
        violations.addAll(IdRules.checkGroup(own, path));
        Double scaleBy = in.has("scaleBy") ? in.number("scaleBy", 0, 1) : null;
        Instant version = null;
        if (in.has("version")) {
            version = Stamp.parse(String.valueOf(in.text("version", ""))).orElse(null);
            if (version == null) {
                in.wrong("version", "is not a timestamp");
            }
        }
        boolean structure = in.has("apps") || in.has("groups") || in.has("dependencies");
        if (scaleBy != null && (version != null || structure)) {
            in.wrong("scaleBy", "must be the only field of an update besides id");
        }
        if (version != null && structure) {
            in.wrong("version", "must be the only field of an update besides id");
        }
        return new GroupUpdate(
                own,
                in.has("apps") ? apps(in, own, path) : null,
                in.has("groups") ? groups(in, own, path) : null,
                in.has("dependencies")
                        ? in.texts("dependencies").stream().map(own::resolve).toList()
                        : null,
                scaleBy,
                version,
                in.has("enforceRole") ? in.flag("enforceRole") : null);
    }

    private List<App> apps(JsonIn in, PathId group, String path) {
        List<App> result = new ArrayList<>();
        int index = 0;
        for (JsonIn element : in.array("apps")) {
            String here = path + "/apps(" + index++ + ")";
            App app = apps.read(element, null, group, null);
            if (!app.id().parent().equals(group)) {
                violations.add(new Violation(
                        here + "/id", "must be directly in the group " + group + ", is '" + app.id() + "'"));
            }
            violations.addAll(AppRules.check(app, here));
            result.add(app);
        }
        return result;
    }

    private List<GroupUpdate> groups(JsonIn in, PathId group, String path) {
        List<GroupUpdate> result = new ArrayList<>();
        int index = 0;
        for (JsonIn element : in.array("groups")) {
            String here = path + "/groups(" + index++ + ")";
            GroupUpdate inner = read(element, null, group, here);
            if (!inner.id().parent().equals(group)) {
                violations.add(new Violation(
                        here + "/id", "must be directly in the group " + group + ", is '" + inner.id() + "'"));
            }
            result.add(inner);
        }
        return result;
    }
}
