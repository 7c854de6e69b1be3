package io.paddock.agent.server;

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
 * works, effects queue up; all checkpoints among them then become one write. Owned by the agent's actor.
 */
final class EffectQueue {
    private final CheckpointLog log;
    private final AgentEffect.Handler handler;
    private final Supplier<List<Record>> allRecords;
    private final Consumer<@Nullable Throwable> written;
    private final Deque<AgentEffect> queue = new ArrayDeque<>();
    private boolean running;
    private boolean waiting;

    /**
     * @param handler may add effects while it carries one out
     * @param allRecords what to put into a rewritten log
     * @param written told from any thread when a write has completed or failed; must lead to {@link #resume}
     */
    EffectQueue(
            CheckpointLog log,
            AgentEffect.Handler handler,
            Supplier<List<Record>> allRecords,
            Consumer<@Nullable Throwable> written) {
        this.log = log;
        this.handler = handler;
        this.allRecords = allRecords;
        this.written = written;
    }

    void add(List<AgentEffect> effects) {
        queue.addAll(effects);
        run();
    }

    /** The write asked for last is durable. */
    void resume() {
        waiting = false;
        run();
    }

    private void run() {
        if (running) {
            return;
        }
        running = true;
        try {
            while (!waiting && !queue.isEmpty()) {
                carryOut(queue.remove());
            }
        } finally {
            running = false;
        }
        if (!waiting && log.isWorthRewriting()) {
            waiting = true;
            log.rewrite(allRecords.get()).whenComplete((done, failure) -> written.accept(failure));
        }
    }

    private void carryOut(AgentEffect effect) {
        if (effect instanceof AgentEffect.Checkpoint checkpoint) {
            List<Record> records = new ArrayList<>(checkpoint.records());
            takeRecords(records);
            waiting = true;
            log.append(records).whenComplete((done, failure) -> written.accept(failure));
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
