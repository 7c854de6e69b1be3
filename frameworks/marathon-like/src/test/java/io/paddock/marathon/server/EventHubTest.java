package io.paddock.marathon.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.marathon.core.Notice;
import io.paddock.marathon.core.model.PathId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Sink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A watcher that reads too slowly is disconnected, others miss nothing. */
class EventHubTest {
    private final ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "events-test");
    private final EventHub hub = new EventHub(50, Materializer.matFromSystem(system));

    @AfterEach
    void stop() {
        hub.close();
        system.terminate();
    }

    private void publish(int count) {
        for (int i = 0; i < count; i++) {
            hub.publish(new Notice.AppTerminated(PathId.of("/app" + i)), Instant.EPOCH);
        }
    }

    @Test
    void aWatcherThatDoesNotReadIsDisconnected() {
        hub.watch(Set.of(), "slow", -1).runWith(Sink.queue(), system);
        assertThat(hub.size()).isEqualTo(1);
        publish(1000);
        assertThat(hub.size()).isZero();
        hub.close();
    }

    @Test
    void aWatcherThatComesBackGetsWhatItMissedOnce() {
        publish(300);
        List<String> frames = new CopyOnWriteArrayList<>();
        hub.watch(Set.of("app_terminated_event"), "again", 100)
                .runWith(Sink.foreach(frame -> frames.add(frame.utf8String())), system);
        await().atMost(Duration.ofSeconds(10)).until(() -> frames.size() == 200);
        assertThat(frames.get(0))
                .startsWith("event: app_terminated_event\r\nid: 101\r\ndata: {")
                .endsWith("}\r\n\r\n");
    }

    @Test
    void watchersAreEndedWithTheLeadership() throws Exception {
        var ended = hub.watch(Set.of(), "one", -1).runWith(Sink.ignore(), system);
        hub.close();
        ended.toCompletableFuture().get(10, java.util.concurrent.TimeUnit.SECONDS);
        assertThat(hub.size()).isZero();
    }
}
