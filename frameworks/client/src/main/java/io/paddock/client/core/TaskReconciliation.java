package io.paddock.client.core;

import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One round of task reconciliation: asks for every task that has not been answered, again and again with truncated
 * exponential backoff, until all are. A master that has just taken over stays silent about tasks on agents that may yet
 * come back; that silence is why asking once is not enough. Source: the reconciliation rules of the Mesos v1 API.
 *
 * <p>Drive it with {@link #poll}: it answers the call to send when one is due, and {@link #nextAt} says when to come back.
 */
public final class TaskReconciliation {
    private final Backoff backoff;
    private final Map<TaskID, @Nullable AgentID> open = new LinkedHashMap<>();
    private @Nullable Instant nextAt;

    public TaskReconciliation(Duration firstRetry, Duration maxRetry, long seed) {
        this.backoff = new Backoff(firstRetry, maxRetry, seed);
    }

    /** Starts a new round over these tasks (and the agents they are believed to be on), due at once. */
    public void start(Instant now, Map<TaskID, @Nullable AgentID> tasks) {
        open.clear();
        open.putAll(tasks);
        backoff.reset();
        nextAt = open.isEmpty() ? null : now;
    }

    /** Ends the round: there is nobody to ask. */
    public void stop() {
        open.clear();
        nextAt = null;
    }

    /** A status of this task came, whatever it says. */
    public void answered(TaskID task) {
        open.remove(task);
        if (open.isEmpty()) {
            nextAt = null;
        }
    }

    /** The call to send now, if one is due. */
    public Optional<Call> poll(Instant now) {
        if (nextAt == null || now.isBefore(nextAt)) {
            return Optional.empty();
        }
        nextAt = now.plus(backoff.next());
        return Optional.of(Calls.reconcile(open));
    }

    /** When the next call is due; empty when every task is answered. */
    public Optional<Instant> nextAt() {
        return Optional.ofNullable(nextAt);
    }

    /** How many tasks are still unanswered. */
    public int open() {
        return open.size();
    }
}
