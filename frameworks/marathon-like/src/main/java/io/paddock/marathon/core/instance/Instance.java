package io.paddock.marathon.core.instance;

import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.PathId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One wanted copy of an app. Keeps its identity over restarts of its task: each start is one incarnation.
 *
 * @param id {@code <app>.instance-<uuid>}
 * @param app whose copy it is
 * @param version the version of the app's definition it was or will be started from
 * @param config names that definition's configuration: its {@code lastConfigChangeAt}; equal for versions that differ only
 *     in the number of instances
 * @param incarnation the number of its latest task, from 1; 0 before the first start
 * @param condition where it is in its life
 * @param since when the condition began
 * @param goal what is wanted of it
 * @param role the role its resources are taken in
 * @param agent where its task is; absent while it is scheduled
 * @param hostPorts for each declared port the host's port, or 0 where there is none
 * @param addresses the IP addresses of its container
 * @param stagedAt when the launch was sent
 * @param startedAt when it first ran
 * @param killRequestedAt when its task was told to end; absent when it was not
 * @param healthy the last result of its health checks; absent when nothing is known
 */
public record Instance(
        String id,
        PathId app,
        Instant version,
        Instant config,
        int incarnation,
        Condition condition,
        Instant since,
        Goal goal,
        String role,
        @Nullable Agent agent,
        List<Integer> hostPorts,
        List<String> addresses,
        @Nullable Instant stagedAt,
        @Nullable Instant startedAt,
        @Nullable Instant killRequestedAt,
        @Nullable Boolean healthy) {

    public Instance {
        hostPorts = List.copyOf(hostPorts);
        addresses = List.copyOf(addresses);
    }

    /** A new instance that waits for an agent. */
    public static Instance scheduled(String id, App definition, Instant now) {
        return new Instance(
                id,
                definition.id(),
                definition.version(),
                definition.versionInfo().lastConfigChangeAt(),
                0,
                Condition.SCHEDULED,
                now,
                Goal.RUNNING,
                definition.placement().role(),
                null,
                List.of(),
                List.of(),
                null,
                null,
                null,
                null);
    }

    /** The id of its latest task. */
    public String taskId() {
        return TaskIds.of(id, incarnation);
    }

    public boolean isWanted() {
        return goal == Goal.RUNNING;
    }

    /** Whether its task runs and nobody told it to end. */
    public boolean isRunning() {
        return condition == Condition.RUNNING && killRequestedAt == null;
    }

    /** It is launched on an agent as its next incarnation. */
    public Instance provisioned(Agent on, List<Integer> ports, Instant now) {
        return new Instance(
                id,
                app,
                version,
                config,
                incarnation + 1,
                Condition.LIFECYCLE.require(id, condition, Condition.PROVISIONED),
                now,
                goal,
                role,
                on,
                ports,
                List.of(),
                now,
                null,
                null,
                null);
    }

    /** Its task went on to another condition. */
    public Instance moved(Condition to, Instant now) {
        boolean starts = to == Condition.RUNNING && startedAt == null;
        return new Instance(
                id,
                app,
                version,
                config,
                incarnation,
                Condition.LIFECYCLE.require(id, condition, to),
                now,
                goal,
                role,
                agent,
                hostPorts,
                addresses,
                stagedAt,
                starts ? now : startedAt,
                killRequestedAt,
                healthy);
    }

    /** Its task ended and it waits for an agent again. */
    public Instance rescheduled(App definition, Instant now) {
        Condition.LIFECYCLE.require(id, condition, Condition.SCHEDULED);
        return new Instance(
                id,
                app,
                definition.version(),
                definition.versionInfo().lastConfigChangeAt(),
                incarnation,
                Condition.SCHEDULED,
                now,
                goal,
                definition.placement().role(),
                null,
                List.of(),
                List.of(),
                null,
                null,
                null,
                null);
    }

    public Instance withAddresses(List<String> ips) {
        return new Instance(
                id,
                app,
                version,
                config,
                incarnation,
                condition,
                since,
                goal,
                role,
                agent,
                hostPorts,
                ips,
                stagedAt,
                startedAt,
                killRequestedAt,
                healthy);
    }

    public Instance withHealthy(@Nullable Boolean result) {
        return new Instance(
                id,
                app,
                version,
                config,
                incarnation,
                condition,
                since,
                goal,
                role,
                agent,
                hostPorts,
                addresses,
                stagedAt,
                startedAt,
                killRequestedAt,
                result);
    }

    public Instance killRequested(Instant now) {
        return new Instance(
                id,
                app,
                version,
                config,
                incarnation,
                condition,
                since,
                goal,
                role,
                agent,
                hostPorts,
                addresses,
                stagedAt,
                startedAt,
                now,
                healthy);
    }

    public Instance decommissioned() {
        return new Instance(
                id,
                app,
                version,
                config,
                incarnation,
                condition,
                since,
                Goal.DECOMMISSIONED,
                role,
                agent,
                hostPorts,
                addresses,
                stagedAt,
                startedAt,
                killRequestedAt,
                healthy);
    }
}
