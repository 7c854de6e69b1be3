package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.agent.core.AgentEffect;
import io.paddock.agent.core.ExecutorKey;
import io.paddock.agent.server.checkpoint.CheckpointLog;
import io.paddock.proto.checkpoint.FrameworkRemoved;
import io.paddock.proto.checkpoint.Record;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Heartbeat;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.executor.Event;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EffectQueueTest {
    @TempDir
    Path directory;

    private final List<String> done = new ArrayList<>();
    private final BlockingQueue<String> written = new LinkedBlockingQueue<>();

    private static Record record(String name) {
        return Record.newBuilder()
                .setFrameworkRemoved(FrameworkRemoved.newBuilder()
                        .setFrameworkId(FrameworkID.newBuilder().setValue(name)))
                .build();
    }

    private static AgentEffect checkpoint(String name) {
        return new AgentEffect.Checkpoint(List.of(record(name)));
    }

    private AgentEffect.Handler handler() {
        return (AgentEffect.Handler) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {AgentEffect.Handler.class}, (proxy, method, args) -> {
                    done.add(args[0].toString());
                    return null;
                });
    }

    private static AgentEffect effect(String name) {
        return new AgentEffect.RetireSandbox(name);
    }

    @Test
    void nothingAfterACheckpointHappensBeforeItIsDurable() throws Exception {
        CheckpointLog log = CheckpointLog.open(directory).log();
        EffectQueue queue = new EffectQueue(
                log, handler(), List::of, 3, failure -> written.add(failure == null ? "ok" : failure.toString()));
        queue.add(List.of(effect("a"), checkpoint("r1"), effect("b")));
        queue.add(List.of(new AgentEffect.Note(List.of(record("n1"))), effect("c"), checkpoint("r2"), effect("d")));
        assertThat(done).containsExactly(effect("a").toString());

        await().until(() -> !written.isEmpty());
        queue.resume();
        // r2 joined the queue only after r1 was on its way: one more write
        assertThat(done)
                .containsExactly(
                        effect("a").toString(),
                        effect("b").toString(),
                        effect("c").toString());
        await().until(() -> written.size() == 2);
        queue.resume();
        assertThat(done).hasSize(4);
        log.close();
        assertThat(CheckpointLog.open(directory).records())
                .extracting(r -> r.getFrameworkRemoved().getFrameworkId().getValue())
                .containsExactly("r1", "n1", "r2");
    }

    @Test
    void heartbeatsAndTimersDoNotWaitForTheDisk() throws Exception {
        CheckpointLog log = CheckpointLog.open(directory).log();
        EffectQueue queue = new EffectQueue(log, handler(), List::of, 3, failure -> written.add("ok"));
        AgentEffect heartbeat = new AgentEffect.SendToMaster(FromAgent.newBuilder()
                .setHeartbeat(Heartbeat.getDefaultInstance())
                .build());
        AgentEffect timer = new AgentEffect.WakeAt(Instant.EPOCH);
        queue.add(List.of(checkpoint("r1"), effect("a"), heartbeat, timer));
        assertThat(done).containsExactly(heartbeat.toString(), timer.toString());
        await().until(() -> !written.isEmpty());
        log.close();
    }

    @Test
    void launchesThatWaitCanBeTakenBack() throws Exception {
        CheckpointLog log = CheckpointLog.open(directory).log();
        EffectQueue queue = new EffectQueue(log, handler(), List::of, 3, failure -> written.add("ok"));
        AgentEffect launch = new AgentEffect.SendToExecutor(
                ExecutorKey.of(
                        FrameworkID.newBuilder().setValue("f").build(),
                        ExecutorID.newBuilder().setValue("e").build()),
                Event.newBuilder()
                        .setType(Event.Type.LAUNCH)
                        .setLaunch(Event.Launch.newBuilder().setTask(AgentUnderTest.task("t", "true")))
                        .build());
        queue.add(List.of(checkpoint("r1"), launch, effect("a")));
        assertThat(queue.withdrawLaunches()).containsExactly(launch);
        await().until(() -> !written.isEmpty());
        queue.resume();
        assertThat(done).containsExactly(effect("a").toString());
        queue.add(List.of(launch));
        assertThat(queue.withdrawLaunches()).isEmpty();
        log.close();
    }

    @Test
    void isFullWhileAsMuchWaitsAsMay() throws Exception {
        CheckpointLog log = CheckpointLog.open(directory).log();
        EffectQueue queue = new EffectQueue(log, handler(), List::of, 3, failure -> written.add("ok"));
        queue.add(List.of(checkpoint("r1"), effect("a"), effect("b")));
        assertThat(queue.full()).isFalse();
        queue.add(List.of(effect("c")));
        assertThat(queue.full()).isTrue();
        await().until(() -> !written.isEmpty());
        queue.resume();
        assertThat(queue.full()).isFalse();
        assertThat(done).hasSize(3);
        log.close();
    }

    @Test
    void whatIsDecidedMeanwhileCanJoinTheWriteThatWaits() throws Exception {
        CheckpointLog log = CheckpointLog.open(directory).log();
        EffectQueue queue = new EffectQueue(log, handler(), List::of, 3, failure -> written.add("ok"));
        queue.add(List.of(checkpoint("r1"), effect("a")));
        queue.add(List.of(checkpoint("r2"), effect("b")));
        queue.joinWrite();
        await().until(() -> written.size() == 2);
        queue.resume();
        assertThat(done).as("one of two is durable").isEmpty();
        queue.resume();
        assertThat(done).containsExactly(effect("a").toString(), effect("b").toString());
        log.close();
        assertThat(CheckpointLog.open(directory).records())
                .extracting(r -> r.getFrameworkRemoved().getFrameworkId().getValue())
                .containsExactly("r1", "r2");
    }

    @Test
    void checkpointsThatWaitTogetherAreOneWrite() throws Exception {
        CheckpointLog log = CheckpointLog.open(directory).log();
        EffectQueue queue = new EffectQueue(log, handler(), List::of, 3, failure -> written.add("ok"));
        queue.add(List.of(checkpoint("r1")));
        for (int i = 2; i < 10; i++) {
            queue.add(List.of(checkpoint("r" + i), effect("e" + i)));
        }
        await().until(() -> written.size() == 1);
        queue.resume();
        await().until(() -> written.size() == 2);
        assertThat(done).isEmpty();
        queue.resume();
        assertThat(done).hasSize(8);
        log.close();
    }
}
