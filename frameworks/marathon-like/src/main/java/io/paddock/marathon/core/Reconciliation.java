package io.paddock.marathon.core;

import io.paddock.marathon.core.instance.Agent;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Asks the master what became of our tasks: all of them after each subscription and every few minutes, and those it has
 * not answered for again and again with growing pauses. Then implicitly, so that tasks we do not know show up.
 */
final class Reconciliation {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final State state;
    private final Timers timers;
    private final Settings settings;
    private final Map<String, Instance> unanswered = new LinkedHashMap<>();
    private final Set<String> onTheirWay = new HashSet<>();
    private Duration pause = FIRST_PAUSE;

    Reconciliation(State state, Timers timers, Settings settings) {
        this.state = state;
        this.timers = timers;
        this.settings = settings;
    }

    /** A new subscription: no launch of before can be on its way any more. */
    void subscribed(Turn turn) {
        onTheirWay.clear();
        all(turn);
    }

    void all(Turn turn) {
        unanswered.clear();
        for (AppEntry entry : state.entries().values()) {
            for (Instance instance : entry.instances()) {
                if (instance.condition().isPlaced() && !onTheirWay.contains(instance.taskId())) {
                    unanswered.put(instance.taskId(), instance);
                }
            }
        }
        pause = FIRST_PAUSE;
        ask(turn, unanswered.values());
        turn.send(reconcile());
        timers.set(TimerKey.of(Due.RECONCILE_ALL), turn.now().plus(settings.reconcileEvery()));
    }

    void rest(Turn turn) {
        ask(turn, unanswered.values());
    }

    /** Asks about tasks whose launch may not have got through. */
    void doubt(Turn turn, Collection<Instance> instances) {
        for (Instance instance : instances) {
            onTheirWay.remove(instance.taskId());
            unanswered.put(instance.taskId(), instance);
        }
        pause = FIRST_PAUSE;
        ask(turn, instances);
    }

    void launched(String taskId) {
        onTheirWay.add(taskId);
    }

    boolean isOnItsWay(String taskId) {
        return onTheirWay.contains(taskId);
    }

    void noLongerOnItsWay(String taskId) {
        onTheirWay.remove(taskId);
    }

    void answered(String taskId) {
        unanswered.remove(taskId);
    }

    private void ask(Turn turn, Collection<Instance> instances) {
        if (instances.isEmpty()) {
            return;
        }
        Call.Builder call = reconcile();
        for (Instance instance : instances) {
            var task = call.getReconcileBuilder()
                    .addTasksBuilder()
                    .setTaskId(TaskID.newBuilder().setValue(instance.taskId()));
            Agent agent = instance.agent();
            if (agent != null) {
                task.setAgentId(AgentID.newBuilder().setValue(agent.id()));
            }
        }
        turn.send(call);
        timers.set(TimerKey.of(Due.RECONCILE_REST), turn.now().plus(pause));
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
    }

    private static Call.Builder reconcile() {
        return Call.newBuilder().setType(Call.Type.RECONCILE).setReconcile(Call.Reconcile.getDefaultInstance());
    }
}
