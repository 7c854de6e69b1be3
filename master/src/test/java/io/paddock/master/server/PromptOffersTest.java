package io.paddock.master.server;

import static org.awaitility.Awaitility.await;

import io.paddock.platform.http.WireFormat;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.scheduler.Call;
import java.net.http.HttpClient;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.Test;

/** How soon what became free is offered, over HTTP. */
class PromptOffersTest {
    /** The pause of 5 ms and two ways over HTTP; less than one tick of the actor system's clock, 10 ms. */
    private static final Duration SOON = Duration.ofMillis(9);

    @Test
    void whatIsWantedAgainIsOfferedAfterThePauseAndNotAtTheNextTick() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "prompt-offers-test");
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        FrameworkInfo info =
                FrameworkInfo.newBuilder().setUser("u").setName("f").build();
        try (MasterServer master = leading(system, options);
                ScriptedAgent agent = ScriptedAgent.connect(client, master.port());
                ScriptedScheduler scheduler =
                        ScriptedScheduler.subscribe(client, master.port(), WireFormat.PROTOBUF, info)) {
            agent.register("cpus:4;mem:4096");
            await().until(() -> !scheduler.offers().isEmpty());
            // On a busy machine many rounds take longer; one that does not is enough, for a tick would delay all.
            await().pollInSameThread()
                    .pollInterval(Duration.ofMillis(1))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> untilOfferedAgain(scheduler).compareTo(SOON) < 0);
        } finally {
            system.terminate();
        }
    }

    private static MasterServer leading(ActorSystem<Void> system, MasterOptions options) throws Exception {
        MasterServer master =
                MasterServer.start(system, options).toCompletableFuture().get();
        await().until(() -> master.leadership().leading().isPresent());
        return master;
    }

    private static Duration untilOfferedAgain(ScriptedScheduler scheduler) throws Exception {
        int before = scheduler.offers().size();
        Call.Builder decline = Call.newBuilder()
                .setType(Call.Type.DECLINE)
                .setDecline(Call.Decline.newBuilder()
                        .addOfferIds(scheduler.offers().get(before - 1).getId()));
        scheduler.call(decline);
        long from = System.nanoTime();
        scheduler.call(Call.newBuilder().setType(Call.Type.REVIVE));
        await().pollInSameThread()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofNanos(100_000))
                .until(() -> scheduler.offers().size() > before);
        return Duration.ofNanos(System.nanoTime() - from);
    }
}
