package io.paddock.master.core.snapshot;

import io.paddock.common.resources.Resources;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.DrainInfo;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.Operation;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.Unavailability;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One registered agent.
 *
 * @param info with its id; resources are its totals as first given
 * @param ip under which it says it is reached; empty when it does not say
 * @param version of the agent's software
 * @param https whether its own port speaks HTTPS
 * @param connected its link is up
 * @param active it is offered: connected and not deactivated by an operator
 * @param deactivated an operator asked for no more offers
 * @param drain set once an operator asked for draining
 * @param drainSince when the operator asked for it
 * @param unavailability set while maintenance of its machine is planned
 * @param registeredAt first seen by this master
 * @param reregisteredAt last time it came back to this master, if it did
 * @param total all it has, without allocation roles
 * @param used by tasks that are not terminal and by executors, allocated to roles
 * @param offered in outstanding offers, allocated to roles
 * @param tasks not terminal, or terminal and not yet acknowledged
 * @param executors those given by frameworks
 * @param offers outstanding
 * @param operations not answered yet, or answered and not acknowledged
 */
public record AgentView(
        AgentInfo info,
        String ip,
        String version,
        List<AgentInfo.Capability> capabilities,
        boolean https,
        boolean connected,
        boolean active,
        boolean deactivated,
        @Nullable DrainInfo drain,
        @Nullable Instant drainSince,
        @Nullable Unavailability unavailability,
        Instant registeredAt,
        @Nullable Instant reregisteredAt,
        Resources total,
        Resources used,
        Resources offered,
        List<Task> tasks,
        List<ExecutorView> executors,
        List<OfferView> offers,
        List<Operation> operations) {

    /** An executor given by a framework and what it takes besides its tasks. */
    public record ExecutorView(String frameworkId, ExecutorInfo info) {}

    public String id() {
        return info.getId().getValue();
    }
}
