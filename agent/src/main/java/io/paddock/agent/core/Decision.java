package io.paddock.agent.core;

import io.paddock.common.Rejection;
import io.paddock.proto.checkpoint.Record;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.executor.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of the agent's core share while they handle one event: the time, the hard state, the deadlines and the
 * effects so far. Adjacent records become one checkpoint.
 */
final class Decision {
    final AgentSettings settings;
    final AgentState state;
    final Ids ids;
    final Deadlines deadlines = new Deadlines();
    final Counters counters = new Counters();
    private Instant now = Instant.EPOCH;
    private List<AgentEffect> effects = new ArrayList<>();
    private List<Record> records = new ArrayList<>();

    Decision(AgentSettings settings, AgentState state, Ids ids) {
        this.settings = settings;
        this.state = state;
        this.ids = ids;
    }

    void begin(Instant time) {
        now = time;
    }

    List<AgentEffect> end() {
        flush();
        Instant wake = deadlines.wakeToRequest();
        if (wake != null) {
            effects.add(new AgentEffect.WakeAt(wake));
        }
        List<AgentEffect> result = effects;
        effects = new ArrayList<>();
        return result;
    }

    Instant now() {
        return now;
    }

    double nowSeconds() {
        return now.toEpochMilli() / 1000.0;
    }

    void after(Duration delay, Deadline what) {
        deadlines.set(what, now.plus(delay));
    }

    /** The executor need not subscribe any more. */
    void cancelRegistration(Executor executor) {
        deadlines.cancel(new Deadline.ExecutorRegistration(executor.key, false));
        deadlines.cancel(new Deadline.ExecutorRegistration(executor.key, true));
    }

    /** Decides: the state changes now, the record is durable before any later effect. */
    void commit(Record record) {
        state.apply(record);
        records.add(record);
    }

    /** As {@link #commit}, for what may be lost. */
    void note(Record record) {
        state.apply(record);
        if (records.isEmpty()) {
            effects.add(new AgentEffect.Note(List.of(record)));
        } else {
            records.add(record);
        }
    }

    void effect(AgentEffect effect) {
        flush();
        effects.add(effect);
    }

    void toMaster(FromAgent.Builder message) {
        effect(new AgentEffect.SendToMaster(message.build()));
    }

    void toExecutor(ExecutorKey executor, Event.Builder event) {
        effect(new AgentEffect.SendToExecutor(executor, event.build()));
    }

    void refuse(long request, Rejection rejection) {
        effect(new AgentEffect.RefuseCall(request, rejection));
    }

    /** The id a master gave; empty while there is none, when nothing runs either. */
    AgentID agentId() {
        AgentID id = state.id();
        return id == null ? AgentID.newBuilder().setValue("").build() : id;
    }

    @Nullable
    Executor executor(ExecutorKey key) {
        return state.executor(key);
    }

    private void flush() {
        if (!records.isEmpty()) {
            effects.add(new AgentEffect.Checkpoint(records));
            records = new ArrayList<>();
        }
    }
}
