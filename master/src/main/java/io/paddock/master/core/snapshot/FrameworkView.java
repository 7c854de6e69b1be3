package io.paddock.master.core.snapshot;

import io.paddock.common.resources.Resources;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.scheduler.OfferConstraints;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One framework. Its active tasks are found at the agents they run on.
 *
 * @param info with its id
 * @param roles what it is subscribed to, whichever field it used
 * @param suppressedRoles those it wants no offers for
 * @param offerConstraints which agents it wants to be offered, as its scheduler wrote it
 * @param connected its scheduler has a stream
 * @param active it may be offered resources: connected
 * @param recovered known from the registry or from agents, its scheduler not yet back since this master leads
 * @param used by its tasks that are not terminal and its executors, allocated to roles
 * @param offered in its outstanding offers
 * @param registeredAt first subscription seen by this master, or recovery
 * @param reregisteredAt last resubscription
 * @param disconnectedAt when its stream was lost; absent while connected
 * @param unregisteredAt when it was removed; only for completed frameworks
 * @param completedTasks terminal and acknowledged, oldest first, bounded
 * @param unreachableTasks on unreachable agents, bounded
 */
public record FrameworkView(
        FrameworkInfo info,
        List<String> roles,
        List<String> suppressedRoles,
        @Nullable OfferConstraints offerConstraints,
        boolean connected,
        boolean active,
        boolean recovered,
        Resources used,
        Resources offered,
        Instant registeredAt,
        @Nullable Instant reregisteredAt,
        @Nullable Instant disconnectedAt,
        @Nullable Instant unregisteredAt,
        List<Task> completedTasks,
        List<Task> unreachableTasks) {

    public String id() {
        return info.getId().getValue();
    }
}
