package io.paddock.simulation;

import io.paddock.client.core.Calls;
import io.paddock.marathon.core.AppView;
import io.paddock.marathon.core.CommitQueue;
import io.paddock.marathon.core.Fact;
import io.paddock.marathon.core.MarathonCore;
import io.paddock.marathon.core.MarathonEffect;
import io.paddock.marathon.core.MarathonEvent;
import io.paddock.marathon.core.Request;
import io.paddock.marathon.core.Settings;
import io.paddock.marathon.core.health.CheckOutcome;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Checks;
import io.paddock.marathon.core.model.Command;
import io.paddock.marathon.core.model.Container;
import io.paddock.marathon.core.model.Networking;
import io.paddock.marathon.core.model.PathId;
import io.paddock.marathon.core.model.Placement;
import io.paddock.marathon.core.model.Rollout;
import io.paddock.marathon.core.model.Sizing;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A marathon process: the shell of a marathon core, and a user who now and then changes an app. */
final class MarathonNode extends FrameworkNode implements MarathonEffect.Handler {
    private static final PathId APP = PathId.of("/web");
    private static final MarathonEvent.Origin USER = new MarathonEvent.Origin("127.0.0.1", "/v2/apps");

    private final FrameworkInfo info;
    private final List<Machine> machines;
    private final List<Fact> disk = new ArrayList<>();
    private CommitQueue commits = new CommitQueue();
    private List<Fact> writing = List.of();
    private @Nullable MarathonCore core;
    private int wakeVersion;
    private long requests;
    private boolean userIsActive = true;

    MarathonNode(
            World world,
            Network network,
            String name,
            Election election,
            Invariants invariants,
            FrameworkInfo info,
            List<Machine> machines) {
        super(world, network, name, election, invariants);
        this.info = info;
        this.machines = machines;
    }

    @Override
    void settleDown() {
        userIsActive = false;
    }

    @Override
    @Nullable
    FrameworkID frameworkId() {
        String id = core == null ? null : core.view().frameworkId();
        return id == null ? null : FrameworkID.newBuilder().setValue(id).build();
    }

    @Override
    Call subscribeCall() {
        FrameworkID id = frameworkId();
        return Calls.subscribe(id == null ? info : info.toBuilder().setId(id).build(), List.of());
    }

    @Override
    void begin() {
        commits = new CommitQueue();
        core = new MarathonCore(Settings.of(info), life());
        feed(new MarathonEvent.StateRecovered(disk));
        later(world.between(100, 2000), this::userActs);
    }

    @Override
    void crashed() {
        super.crashed();
        if (world.chance(0.5)) {
            disk.addAll(writing);
        }
        writing = List.of();
        core = null;
    }

    private void userActs() {
        MarathonCore current = core;
        if (current == null) {
            return;
        }
        App app = current.view().definition(APP).orElse(null);
        if (app == null) {
            request(new Request.CreateApp(app(2, "first"), false));
        } else if (userIsActive && world.chance(0.5)) {
            request(change(app, app.withInstances(1 + world.random.nextInt(4))));
        } else if (userIsActive) {
            request(change(app, app(app.instances(), "config" + world.random.nextInt(1000))));
        }
        later(world.between(10_000, 90_000), this::userActs);
    }

    private static Request change(App before, App after) {
        return new Request.ChangeApps(List.of(new Request.ChangeApps.Change(after, before.version())), true);
    }

    private void request(Request request) {
        feed(new MarathonEvent.RequestReceived(++requests, USER, request));
    }

    private App app(int instances, String config) {
        TreeMap<String, String> env = new TreeMap<>();
        env.put("CONFIG", config);
        Networking networking = new Networking(
                List.of(Networking.Network.HOST),
                List.of(new Networking.PortDefinition(10_000, "tcp", null, new TreeMap<>())),
                false);
        Checks.HealthCheck health =
                new Checks.HealthCheck(Checks.Protocol.HTTP, "/", 0, null, null, 30, 5, 2, 3, null, "IPv4", 0);
        return new App(
                APP,
                instances,
                new Command("run", List.of(), null, env, List.of(), "", Command.ExecutorResources.DEFAULT, null),
                new Sizing(0.25, 32, 0, 0, null, null),
                new Placement(List.of(), null, info.getRoles(0)),
                networking,
                Container.NONE,
                new Checks(List.of(health), null, List.of()),
                new Rollout(
                        new Rollout.UpgradeStrategy(0.5, 0.5),
                        1,
                        1.15,
                        30,
                        null,
                        Rollout.KillSelection.YOUNGEST_FIRST,
                        Rollout.Unreachable.DEFAULT),
                List.of(),
                new TreeMap<>(),
                Instant.EPOCH,
                App.VersionInfo.NONE);
    }

    private void feed(MarathonEvent event) {
        MarathonCore current = core;
        if (current != null) {
            carryOut(commits.offer(current.on(world.now(), event)));
        }
    }

    private void carryOut(CommitQueue.Step step) {
        int mine = life();
        for (MarathonEffect effect : step.ready()) {
            if (life() == mine) {
                effect.handle(this);
            }
        }
        if (!step.write().isEmpty() && life() == mine) {
            writing = step.write();
            later(world.between(1, 50), () -> {
                disk.addAll(writing);
                writing = List.of();
                carryOut(commits.written());
            });
        }
    }

    @Override
    void heard(Event event) {
        if (event.getType() == Event.Type.UPDATE) {
            invariants.toldFramework(
                    name,
                    event.getUpdate().getStatus().getTaskId().getValue(),
                    event.getUpdate().getStatus());
        }
        feed(new MarathonEvent.MasterSaid(event));
    }

    @Override
    void lost(String reason) {
        feed(new MarathonEvent.MasterLost(reason));
    }

    @Override
    void refused(Call call, String reason) {
        feed(new MarathonEvent.CallRefused(call, reason));
    }

    @Override
    void over(String reason) {
        invariants.frameworkRefused(name, reason);
    }

    @Override
    public void store(MarathonEffect.Store effect) {
        throw new IllegalStateException("the commit queue keeps these back");
    }

    @Override
    public void send(MarathonEffect.Send effect) {
        send(effect.call());
    }

    @Override
    public void reply(MarathonEffect.Reply effect) {
        world.log(name, "answers its user " + effect.answer().getClass().getSimpleName());
    }

    @Override
    public void publish(MarathonEffect.Publish effect) {
        // Nobody watches.
    }

    @Override
    public void runCheck(MarathonEffect.RunCheck effect) {
        later(world.between(5, 200), () -> {
            boolean answers = machines.stream()
                    .flatMap(machine -> machine.running().stream())
                    .anyMatch(container ->
                            container.taskId().equals(effect.check().taskId()));
            feed(new MarathonEvent.CheckFinished(
                    effect.check(),
                    answers ? CheckOutcome.answered(200, null, null) : CheckOutcome.failed("connection refused")));
        });
    }

    @Override
    public void wakeAt(MarathonEffect.WakeAt effect) {
        int version = ++wakeVersion;
        Duration wait = Duration.between(world.now(), effect.at());
        later(wait.isNegative() ? Duration.ZERO : wait, () -> {
            if (version == wakeVersion) {
                feed(new MarathonEvent.TimePassed());
            }
        });
    }

    @Override
    public void exit(MarathonEffect.Exit effect) {
        crash(effect.reason());
        restartAfter(world.between(500, 5000));
    }

    private @Nullable AppView view() {
        return core == null ? null : core.view().apps().get(APP);
    }

    @Override
    boolean isContent() {
        AppView app = view();
        App wanted = app == null ? null : app.current();
        return isSubscribed()
                && core != null
                && core.view().deployments().isEmpty()
                && app != null
                && wanted != null
                && app.instances().size() == wanted.instances()
                && app.instances().stream()
                        .allMatch(i -> i.isRunning()
                                && Boolean.TRUE.equals(i.healthy())
                                && i.config().equals(wanted.versionInfo().lastConfigChangeAt()));
    }

    @Override
    List<String> running() {
        AppView app = view();
        return app == null
                ? List.of()
                : app.instances().stream()
                        .filter(Instance::isRunning)
                        .map(Instance::taskId)
                        .toList();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name + " subscribed=" + isSubscribed());
        AppView app = view();
        if (app != null && core != null) {
            App wanted = app.current();
            text.append(" wants ")
                    .append(wanted == null ? 0 : wanted.instances())
                    .append(':');
            app.instances()
                    .forEach(i -> text.append(' ')
                            .append(i.taskId())
                            .append('=')
                            .append(i.condition())
                            .append(i.isWanted() ? "" : " (to end)")
                            .append(i.killRequestedAt() == null ? "" : " (told to end)")
                            .append(" healthy=")
                            .append(i.healthy())
                            .append(
                                    wanted == null
                                                    || i.config()
                                                            .equals(wanted.versionInfo()
                                                                    .lastConfigChangeAt())
                                            ? ""
                                            : " of an old definition"));
            text.append(", deployments ").append(core.view().deployments().keySet());
        }
        return text.toString();
    }
}
