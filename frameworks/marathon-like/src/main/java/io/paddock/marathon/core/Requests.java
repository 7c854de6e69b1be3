package io.paddock.marathon.core;

import io.paddock.common.Rejection;
import io.paddock.marathon.core.Request.ChangeApps;
import io.paddock.marathon.core.deploy.Deployment;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.launch.Backoff;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Group;
import io.paddock.marathon.core.model.PathId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Turns requests into changes of the tree, kills and cancellations. One per turn. */
final class Requests implements Request.Handler<Answer> {
    private final Turn turn;
    private final MarathonEvent.Origin origin;
    private final State state;
    private final Timers timers;
    private final Changes changes;
    private final Deployments deployments;
    private final Kills kills;
    private final Supplier<MarathonView> view;

    Requests(
            Turn turn,
            MarathonEvent.Origin origin,
            State state,
            Timers timers,
            Changes changes,
            Deployments deployments,
            Kills kills,
            Supplier<MarathonView> view) {
        this.turn = turn;
        this.origin = origin;
        this.state = state;
        this.timers = timers;
        this.changes = changes;
        this.deployments = deployments;
        this.kills = kills;
        this.view = view;
    }

    @Override
    public Answer createApp(Request.CreateApp r) {
        PathId id = r.app().id();
        if (state.apps().containsKey(id)) {
            return refuse(Rejection.conflict("An app with id [" + id + "] already exists."));
        }
        RootChange change = new RootChange();
        change.put(r.app());
        return posted(changes.carryOut(turn, change, r.force(), true));
    }

    @Override
    public Answer changeApps(ChangeApps r) {
        RootChange change = new RootChange();
        boolean created = false;
        for (ChangeApps.Change c : r.changes()) {
            App current = state.apps().get(c.app().id());
            if (!Objects.equals(current == null ? null : current.version(), c.basedOn())) {
                return new Answer.Stale();
            }
            created |= current == null;
            change.put(c.app());
        }
        return posted(changes.carryOut(turn, change, r.force(), created));
    }

    @Override
    public Answer restartApp(Request.RestartApp r) {
        App app = state.apps().get(r.app());
        if (app == null) {
            return noSuchApp(r.app());
        }
        RootChange change = new RootChange();
        change.restart(app);
        return changes.carryOut(turn, change, r.force(), false);
    }

    @Override
    public Answer deleteApp(Request.DeleteApp r) {
        if (!state.apps().containsKey(r.app())) {
            return noSuchApp(r.app());
        }
        RootChange change = new RootChange();
        change.remove(r.app());
        return changes.carryOut(turn, change, r.force(), false);
    }

    @Override
    public Answer changeGroup(Request.ChangeGroup r) {
        PathId id = r.update().id();
        boolean exists = state.groups().containsKey(id);
        if (r.mustBeNew() && exists && !id.isRoot()) {
            return refuse(Rejection.conflict("Group " + id + " is already created. Use PUT to change this group."));
        }
        if (r.mustBeNew() && state.apps().containsKey(id)) {
            return refuse(Rejection.conflict("An app with the path " + id + " already exists."));
        }
        RootChange change = new RootChange();
        GroupUpdates updates = new GroupUpdates(state, change);
        return updates.apply(r.update())
                .<Answer>map(Answer.Refused::new)
                .orElseGet(() -> r.dryRun()
                        ? changes.dryRun(turn, change)
                        : posted(changes.carryOut(turn, change, r.force(), !exists)));
    }

    @Override
    public Answer deleteGroup(Request.DeleteGroup r) {
        if (!state.groups().containsKey(r.group())) {
            return refuse(Rejection.notFound("Group '" + r.group() + "' does not exist"));
        }
        RootChange change = new RootChange();
        new GroupUpdates(state, change).remove(r.group());
        return changes.carryOut(turn, change, r.force(), false);
    }

    @Override
    public Answer setEnforceRole(Request.SetEnforceRole r) {
        Group group = state.groups().get(r.group());
        if (group == null) {
            return refuse(Rejection.notFound("Group '" + r.group() + "' does not exist"));
        }
        if (!group.id().parent().isRoot() || group.id().isRoot()) {
            return new Answer.Refused(Refusal.invalid("/enforceRole", "can only be set on a top-level group"));
        }
        turn.record(new Fact.GroupDefined(
                new Group(group.id(), group.dependencies(), r.enforceRole(), state.nextVersion(turn.now()))));
        return new Answer.Done();
    }

    @Override
    public Answer killTasks(Request.KillTasks r) {
        List<Instance> instances = new ArrayList<>();
        for (String id : r.instanceIds()) {
            AppEntry entry = state.entryOfInstance(id);
            Instance instance = entry == null ? null : entry.instance(id);
            if (instance != null && instance.condition().isPlaced()) {
                instances.add(instance);
            }
        }
        if (r.scale()) {
            return killAndScale(instances, r.force());
        }
        for (Instance instance : instances) {
            if (r.wipe()) {
                kills.decommission(turn, instance);
            } else {
                kills.kill(turn, instance);
            }
        }
        return new Answer.Killing(instances);
    }

    private Answer killAndScale(List<Instance> instances, boolean force) {
        RootChange change = new RootChange();
        SortedMap<PathId, Integer> killed = new TreeMap<>();
        for (Instance instance : instances) {
            if (instance.isWanted()) {
                change.sentence(instance.id());
                killed.merge(instance.app(), 1, Integer::sum);
            }
        }
        for (Map.Entry<PathId, Integer> e : killed.entrySet()) {
            App app = state.apps().get(e.getKey());
            if (app != null) {
                change.put(app.withInstances(Math.max(0, app.instances() - e.getValue())));
            }
        }
        return changes.carryOut(turn, change, force, false);
    }

    @Override
    public Answer cancelDeployment(Request.CancelDeployment r) {
        Deployment deployment = state.deployments().get(r.deploymentId());
        if (deployment == null) {
            return refuse(Rejection.notFound("Deployment plan '" + r.deploymentId() + "' does not exist"));
        }
        if (r.force()) {
            deployments.cancel(turn, deployment, "cancelled by " + origin.clientIp());
            return new Answer.Done();
        }
        RootChange change = new RootChange();
        deployment.targets().forEach((id, app) -> {
            if (!deployment.originals().containsKey(id) && state.apps().containsKey(id)) {
                change.remove(id);
            }
        });
        deployment.originals().values().forEach(change::restore);
        return changes.carryOut(turn, change, true, false);
    }

    @Override
    public Answer resetDelay(Request.ResetDelay r) {
        AppEntry entry = state.entry(r.app());
        if (entry == null || entry.scheduled().isEmpty()) {
            return refuse(Rejection.notFound("Application '" + r.app() + "' not found in tasks queue."));
        }
        entry.setBackoff(Backoff.NONE);
        timers.cancel(TimerKey.of(Due.DELAY_OVER, r.app().text()));
        return new Answer.Done();
    }

    @Override
    public Answer look(Request.Look r) {
        return new Answer.Seen(view.get());
    }

    private Answer posted(Answer answer) {
        if (answer instanceof Answer.Deploying deploying) {
            deploying.apps().forEach(app -> turn.publish(new Notice.AppPosted(origin, app)));
        }
        return answer;
    }

    private static Answer noSuchApp(PathId id) {
        return refuse(Rejection.notFound("App '" + id + "' does not exist"));
    }

    private static Answer refuse(Rejection rejection) {
        return new Answer.Refused(Refusal.of(rejection));
    }
}
