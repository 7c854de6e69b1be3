package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.paddock.proto.link.Heartbeat;
import io.paddock.proto.link.ToAgent;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.BoundedSourceQueue;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AgentLinkTest {
    private static final ToAgent FRAME =
            ToAgent.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()).build();

    private final ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "agent-link-test");

    @AfterEach
    void stop() {
        system.terminate();
    }

    @Test
    void aLinkThatHasEndedTakesFramesAndEndsWithoutHarm() {
        Pair<BoundedSourceQueue<ToAgent>, Source<ToAgent, NotUsed>> out =
                Source.<ToAgent>queue(4).preMaterialize(system);
        AgentLink link = new AgentLink(out.first());
        CompletableFuture<List<ToAgent>> received =
                out.second().runWith(Sink.seq(), system).toCompletableFuture();
        link.send(FRAME);
        link.close();
        await().until(received::isDone);
        assertThat(received.join()).containsExactly(FRAME);
        assertThatCode(() -> {
                    link.send(FRAME);
                    link.close();
                })
                .doesNotThrowAnyException();
    }

    @Test
    void anAgentTooSlowLosesTheLinkOnce() {
        Pair<BoundedSourceQueue<ToAgent>, Source<ToAgent, NotUsed>> out =
                Source.<ToAgent>queue(4).preMaterialize(system);
        AgentLink link = new AgentLink(out.first());
        for (int i = 0; i < 10; i++) {
            link.send(FRAME);
        }
        CompletableFuture<Done> ended =
                out.second().runWith(Sink.ignore(), system).toCompletableFuture();
        await().until(ended::isCompletedExceptionally);
        link.close();
    }
}
