package io.paddock.marathon.core;

import io.paddock.marathon.core.MarathonEffect.Publish;
import io.paddock.marathon.core.MarathonEffect.Send;
import io.paddock.marathon.core.MarathonEffect.Store;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.PathId;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The handling of one event: what it changes, what it causes, which apps have to be looked at afterwards. */
final class Turn {
    private final Instant now;
    private final State state;
    private final List<Fact> facts = new ArrayList<>();
    private final List<MarathonEffect> effects = new ArrayList<>();
    private final Set<PathId> toSettle = new LinkedHashSet<>();

    Turn(Instant now, State state) {
        this.now = now;
        this.state = state;
    }

    Instant now() {
        return now;
    }

    /** Changes the state; the change is stored before any effect of this turn is carried out. */
    void record(Fact fact) {
        state.apply(fact);
        facts.add(fact);
    }

    void record(Instance changed) {
        record(new Fact.InstanceChanged(changed));
        settle(changed.app());
    }

    void forget(Instance instance) {
        record(new Fact.InstanceForgotten(instance.app(), instance.id()));
        settle(instance.app());
    }

    /** The app's instances or definition changed: see what has to be done about it. */
    void settle(PathId app) {
        toSettle.add(app);
    }

    /** Takes the apps to look at. */
    List<PathId> takeUnsettled() {
        List<PathId> apps = List.copyOf(toSettle);
        toSettle.clear();
        return apps;
    }

    void send(Call.Builder call) {
        effects.add(new Send(call.build()));
    }

    void reply(long requestId, Answer answer) {
        effects.add(new MarathonEffect.Reply(requestId, answer));
    }

    void publish(Notice notice) {
        effects.add(new Publish(notice, now));
    }

    void add(MarathonEffect effect) {
        effects.add(effect);
    }

    /** What the turn came to: first what must be durable, then the rest. */
    List<MarathonEffect> effects() {
        List<MarathonEffect> all = new ArrayList<>(effects.size() + 1);
        if (!facts.isEmpty()) {
            all.add(new Store(compacted()));
        }
        all.addAll(effects);
        return all;
    }

    /** An instance that changed several times is written once, as it is now. */
    private List<Fact> compacted() {
        Set<String> seen = new LinkedHashSet<>();
        List<Fact> kept = new ArrayList<>();
        for (int i = facts.size() - 1; i >= 0; i--) {
            Fact fact = facts.get(i);
            if (fact instanceof Fact.InstanceChanged changed
                    && !seen.add(changed.instance().id())) {
                continue;
            }
            if (fact instanceof Fact.InstanceForgotten gone) {
                seen.add(gone.instanceId());
            }
            kept.add(fact);
        }
        Collections.reverse(kept);
        return kept;
    }
}
