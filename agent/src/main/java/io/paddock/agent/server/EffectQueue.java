package io.paddock.agent.server;

import com.google.protobuf.ByteString;
import io.paddock.agent.core.AgentEffect;
import io.paddock.agent.server.checkpoint.CheckpointLog;
import io.paddock.proto.checkpoint.Record;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries effects out in order and keeps the core's rule: nothing after a checkpoint before it is durable. While the disk
 * works, effects queue up; all checkpoints among them then become one write. What tells nothing of the state, heartbeats and
 * timers, does not queue. Owned by the agent's actor.
 */
final class EffectQueue {
    private final CheckpointLog log;
    private final AgentEffect.Handler handler;
    private final Supplier<List<Record>> allRecords;
    private final Consumer<@Nullable Throwable> written;
    private final Deque<AgentEffect> queue = new ArrayDeque<>();
    private boolean running;
    private final int mostWaiting;
    /** Writes asked for and not durable yet. */
    private int writes;

    private boolean rewriting;

    /**
     * @param handler may add effects while it carries one out
     * @param allRecords what to put into a rewritten log
     * @param mostWaiting how many effects make it full
     * @param written told from any thread when a write has completed or failed; must lead to {@link #resume}
     */
    EffectQueue(
            CheckpointLog log,
            AgentEffect.Handler handler,
            Supplier<List<Record>> allRecords,
            int mostWaiting,
            Consumer<@Nullable Throwable> written) {
        this.log = log;
        this.handler = handler;
        this.allRecords = allRecords;
        this.mostWaiting = mostWaiting;
        this.written = written;
    }

    void add(List<AgentEffect> effects) {
        for (AgentEffect effect : effects) {
            if (tellsNothing(effect)) {
                effect.accept(handler);
            } else {
                if (log.trouble() != null) {
                    queue.removeIf(earlier -> repeats(effect, earlier));
                }
                queue.add(effect);
            }
        }
        run();
    }

    /** The master needs neither twice, nor what stood in an earlier one. */
    private static boolean repeats(AgentEffect effect, AgentEffect earlier) {
        if (!(effect instanceof AgentEffect.SendToMaster now && earlier instanceof AgentEffect.SendToMaster before)) {
            return false;
        }
        return asksToBeLetIn(now) && asksToBeLetIn(before)
                || now.message().hasStatusUpdate()
                        && uuid(now).equals(uuid(before))
                        && !uuid(now).isEmpty();
    }

    private static boolean asksToBeLetIn(AgentEffect.SendToMaster effect) {
        return effect.message().hasRegister() || effect.message().hasReregister();
    }

    /** Empty for what is no status update. */
    private static ByteString uuid(AgentEffect.SendToMaster effect) {
        return effect.message().getStatusUpdate().getStatus().getUuid();
    }

    private static boolean tellsNothing(AgentEffect effect) {
        return effect instanceof AgentEffect.WakeAt
                || effect instanceof AgentEffect.SendToMaster send
                        && send.message().hasHeartbeat();
    }

    /** Whether so much waits for the disk that nothing should be added that can be kept out. */
    boolean full() {
        return queue.size() >= mostWaiting;
    }

    /** Takes launches that wait for the disk out of the queue: they will not be carried out. */
    List<AgentEffect> withdrawLaunches() {
        List<AgentEffect> withdrawn = new ArrayList<>();
        if (writes > 0) {
            queue.removeIf(effect -> isLaunch(effect) && withdrawn.add(effect));
        }
        return withdrawn;
    }

    private static boolean isLaunch(AgentEffect effect) {
        return effect instanceof AgentEffect.LaunchExecutor launch
                        && !launch.launch().recovered()
                || effect instanceof AgentEffect.SendToExecutor send
                        && (send.event().hasLaunch() || send.event().hasLaunchGroup());
    }

    /** Has what was decided meanwhile written together with what cannot be written just now. */
    void joinWrite() {
        List<Record> records = new ArrayList<>();
        if (writes > 0 && !rewriting) {
            takeRecords(records);
        }
        if (!records.isEmpty()) {
            append(records);
        }
    }

    private void append(List<Record> records) {
        writes++;
        log.append(records).whenComplete((done, failure) -> written.accept(failure));
    }

    /** A write is durable. */
    void resume() {
        writes--;
        rewriting = false;
        run();
    }

    private void run() {
        if (running) {
            return;
        }
        running = true;
        try {
            while (writes == 0 && !queue.isEmpty()) {
                carryOut(queue.remove());
            }
        } finally {
            running = false;
        }
        if (writes == 0 && log.isWorthRewriting()) {
            writes++;
            rewriting = true;
            log.rewrite(allRecords.get()).whenComplete((done, failure) -> written.accept(failure));
        }
    }

    private void carryOut(AgentEffect effect) {
        if (effect instanceof AgentEffect.Checkpoint checkpoint) {
            List<Record> records = new ArrayList<>(checkpoint.records());
            takeRecords(records);
            append(records);
        } else if (effect instanceof AgentEffect.Note note) {
            log.appendLazily(note.records());
        } else {
            effect.accept(handler);
        }
    }

    /** Takes all records out of the queue: writing them earlier than asked is always right. */
    private void takeRecords(List<Record> records) {
        for (Iterator<AgentEffect> rest = queue.iterator(); rest.hasNext(); ) {
            AgentEffect effect = rest.next();
            if (effect instanceof AgentEffect.Checkpoint checkpoint) {
                records.addAll(checkpoint.records());
                rest.remove();
            } else if (effect instanceof AgentEffect.Note note) {
                records.addAll(note.records());
                rest.remove();
            }
        }
    }
}
