package io.paddock.marathon.server;

import io.paddock.client.CallRefusedException;
import io.paddock.client.ConnectionOptions;
import io.paddock.client.MasterConnection;
import io.paddock.marathon.core.Answer;
import io.paddock.marathon.core.Fact;
import io.paddock.marathon.core.MarathonCore;
import io.paddock.marathon.core.MarathonEvent;
import io.paddock.marathon.core.MarathonEvent.Origin;
import io.paddock.marathon.core.Request;
import io.paddock.marathon.core.Settings;
import io.paddock.marathon.server.http.Leadership.Desk;
import io.paddock.platform.zookeeper.StateStore;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.stream.Materializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One time of leading: the actor, its connection to the master and its watchers. Thread safe. */
final class Reign implements Desk, MasterConnection.Listener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reign.class);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);

    private final ActorSystem<?> system;
    private final EventHub watchers;
    private final Consumer<String> exit;
    private final StateStore store;
    private final ActorRef<MarathonActor.Command> actor;
    private final MasterConnection connection;
    private final CompletableFuture<Void> subscribed = new CompletableFuture<>();

    private Reign(
            ActorSystem<?> system,
            Settings settings,
            MarathonOptions options,
            StateStore store,
            List<Fact> facts,
            ConnectionOptions master,
            Consumer<String> exit) {
        this.system = system;
        this.exit = exit;
        this.store = store;
        this.watchers = new EventHub(options.eventStreamMaxOutstanding, Materializer.matFromSystem(system));
        CheckRunner checks = new CheckRunner(options.maxConcurrentHealthChecks, system.executionContext()::execute);
        MarathonCore core =
                new MarathonCore(settings, ThreadLocalRandom.current().nextLong());
        CompletableFuture<MasterConnection> link = new CompletableFuture<>();
        Consumer<Call> send = call -> link.thenAccept(c -> c.send(call).exceptionally(why -> null));
        this.actor = system.systemActorOf(
                MarathonActor.create(
                        core, new MarathonActor.Tools(new FactStore(store), send, watchers, checks, exit), facts),
                "marathon-" + Long.toHexString(ThreadLocalRandom.current().nextLong()),
                Props.empty());
        FrameworkInfo framework = framework(settings, facts);
        this.connection = MasterConnection.open(master, () -> subscribe(framework), this);
        link.complete(connection);
    }

    /** Takes over what is stored and begins to lead. */
    static CompletionStage<Reign> begin(
            ActorSystem<?> system,
            Settings settings,
            MarathonOptions options,
            StateStore store,
            ConnectionOptions master,
            Consumer<String> exit) {
        return new FactStore(store)
                .load()
                .thenApply(facts -> new Reign(system, settings, options, store, facts, master, exit));
    }

    private static FrameworkInfo framework(Settings settings, List<Fact> facts) {
        FrameworkInfo.Builder info = settings.framework().toBuilder();
        for (Fact fact : facts) {
            if (fact instanceof Fact.FrameworkRegistered registered) {
                info.getIdBuilder().setValue(registered.frameworkId());
            }
        }
        return info.build();
    }

    private static Call subscribe(FrameworkInfo framework) {
        Call.Builder call = Call.newBuilder().setType(Call.Type.SUBSCRIBE);
        call.getSubscribeBuilder().setFrameworkInfo(framework);
        if (framework.hasId()) {
            call.setFrameworkId(framework.getId());
        }
        return call.build();
    }

    /** Done when the master knows us for the first time. */
    CompletionStage<Void> subscribed() {
        return subscribed.minimalCompletionStage();
    }

    @Override
    public CompletionStage<Answer> ask(Request request, Origin origin) {
        return AskPattern.ask(
                actor, replyTo -> new MarathonActor.Asked(request, origin, replyTo), ANSWER_WITHIN, system.scheduler());
    }

    @Override
    public EventHub watchers() {
        return watchers;
    }

    @Override
    public void abdicate(String reason) {
        system.scheduler().scheduleOnce(Duration.ofMillis(500), () -> exit.accept(reason), system.executionContext());
    }

    @Override
    public void event(Event event) {
        if (event.getType() == Event.Type.SUBSCRIBED) {
            LOG.info(
                    "Subscribed as framework {}",
                    event.getSubscribed().getFrameworkId().getValue());
            subscribed.complete(null);
        }
        actor.tell(new MarathonActor.Happened(new MarathonEvent.MasterSaid(event)));
    }

    @Override
    public void disconnected(String reason, Duration retryAfter) {
        LOG.warn("No subscription to the master: {}; next try in {} ms", reason, retryAfter.toMillis());
        actor.tell(new MarathonActor.Happened(new MarathonEvent.MasterLost(reason)));
    }

    @Override
    public void refused(Call call, CallRefusedException why) {
        LOG.warn("{}", why.getMessage());
        actor.tell(new MarathonActor.Happened(new MarathonEvent.CallRefused(call, why.getMessage())));
    }

    @Override
    public void failed(String reason) {
        actor.tell(new MarathonActor.Happened(new MarathonEvent.SubscriptionEnded(reason)));
    }

    @Override
    public void close() {
        connection.close();
        watchers.close();
        actor.tell(new MarathonActor.Deposed());
        store.close();
    }
}
