package io.paddock.marathon.server.json;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.AppView;
import io.paddock.marathon.core.MarathonView;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Group;
import io.paddock.marathon.core.model.PathId;
import io.paddock.marathon.core.model.Stamp;
import io.paddock.marathon.server.json.Embeds.Embed;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes groups with the groups and apps in them, now or as they were at a version. */
public final class GroupWriter {
    private final MarathonView view;
    private final Set<Embed> embeds;
    private final boolean groups;
    private final boolean apps;
    private final Instant now;

    /**
     * @param asked values of {@code embed}; none means groups and apps
     */
    public GroupWriter(MarathonView view, List<String> asked, Instant now) {
        this.view = view;
        this.embeds = Embeds.apps(asked, Set.of());
        this.groups = asked.isEmpty() || asked.contains("group.groups");
        this.apps = asked.isEmpty() || asked.contains("group.apps");
        this.now = now;
    }

    public ObjectNode write(PathId id) {
        Group group = view.groups().get(id);
        ObjectNode out = AppWriter.NODES.objectNode().put("id", id.text());
        if (apps) {
            ArrayNode list = out.putArray("apps");
            for (AppView app : view.appsIn(id)) {
                if (app.id().parent().equals(id)) {
                    list.add(AppInfoWriter.write(view, app, embeds, now));
                }
            }
        }
        if (groups) {
            ArrayNode list = out.putArray("groups");
            children(id).forEach(child -> list.add(write(child)));
        }
        if (apps) {
            out.putArray("pods");
        }
        addRest(out, id, group, version(id));
        return out;
    }

    /** As it was at a version; apps that were deleted since are not known any more. */
    public ObjectNode writeAt(PathId id, Instant version) {
        Group group = view.groups().get(id);
        ObjectNode out = AppWriter.NODES.objectNode().put("id", id.text());
        ArrayNode list = out.putArray("apps");
        for (AppView app : view.appsIn(id)) {
            Map.Entry<Instant, App> then = app.versions().floorEntry(version);
            if (app.id().parent().equals(id) && then != null) {
                list.add(AppWriter.write(then.getValue()));
            }
        }
        ArrayNode inner = out.putArray("groups");
        children(id).forEach(child -> inner.add(writeAt(child, version)));
        out.putArray("pods");
        addRest(out, id, group, version);
        return out;
    }

    /** The versions of a group: whenever it or an app in it changed, newest first. */
    public static List<Instant> versions(MarathonView view, PathId id) {
        TreeSet<Instant> versions = new TreeSet<>();
        view.appsIn(id).forEach(app -> versions.addAll(app.versions().keySet()));
        view.groups().values().stream()
                .filter(g -> g.id().isWithin(id))
                .map(Group::version)
                .forEach(versions::add);
        return List.copyOf(versions.descendingSet());
    }

    private Instant version(PathId id) {
        return versions(view, id).stream().findFirst().orElse(Instant.EPOCH);
    }

    private void addRest(ObjectNode out, PathId id, @Nullable Group group, Instant version) {
        ArrayNode dependencies = out.putArray("dependencies");
        if (group != null) {
            group.dependencies().forEach(d -> dependencies.add(d.text()));
        }
        out.put("version", Stamp.format(version));
        if (group != null && !id.isRoot() && id.parent().isRoot()) {
            out.put("enforceRole", group.enforceRole());
        }
    }

    private Stream<PathId> children(PathId id) {
        String prefix = id.isRoot() ? "/" : id + "/";
        return view.groups().tailMap(new PathId(prefix), true).keySet().stream()
                .takeWhile(child -> child.text().startsWith(prefix))
                .filter(child -> !child.isRoot() && child.parent().equals(id));
    }
}
