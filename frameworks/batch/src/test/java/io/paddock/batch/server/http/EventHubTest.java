package io.paddock.batch.server.http;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.UniqueKillSwitch;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class EventHubTest {
    private static final ActorSystem<Void> SYSTEM = ActorSystem.create(Behaviors.empty(), "event-hub");

    private final EventHub hub = new EventHub();
    private final AtomicInteger chunks = new AtomicInteger();

    @AfterAll
    static void stop() {
        SYSTEM.terminate();
    }

    private Pair<UniqueKillSwitch, CompletionStage<Done>> read() {
        int before = chunks.get();
        Pair<UniqueKillSwitch, CompletionStage<Done>> reader = hub.stream(Optional.empty())
                .viaMat(KillSwitches.single(), Keep.right())
                .toMat(Sink.foreach(chunk -> chunks.incrementAndGet()), Keep.both())
                .run(SYSTEM);
        await().until(() -> chunks.get() > before);
        return reader;
    }

    @Test
    void closingEndsThoseWhoReadAndBearsThoseWhoHaveLeft() {
        Pair<UniqueKillSwitch, CompletionStage<Done>> left = read();
        CompletableFuture<Done> reading = read().second().toCompletableFuture();
        left.first().shutdown();
        left.second().toCompletableFuture().join();
        assertThatCode(hub::close).doesNotThrowAnyException();
        await().until(reading::isDone);
    }
}
