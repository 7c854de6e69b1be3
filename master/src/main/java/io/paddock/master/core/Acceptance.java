package io.paddock.master.core;

import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.Allocator;
import io.paddock.master.core.allocator.OfferEnd;
import io.paddock.master.core.snapshot.OfferView;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * ACCEPT: pools the resources of the offers, applies the operations in order, gives the rest back.
 *
 * <p>An operation that fails costs nothing and does not stop the following ones; if none takes anything, the offers were declined. If the offers themselves are not good,
 * say because one was rescinded on the way, no operation is applied and every task is answered.
 */
final class Acceptance {
    private final Offers offers;
    private final Launches launches;
    private final Operations operations;
    private final OperationFeedback feedback;
    private final Authorization authorization;
    private final Outbox outbox;
    private final Cluster cluster;

    Acceptance(
            Cluster cluster,
            Outbox outbox,
            Offers offers,
            Launches launches,
            Operations operations,
            OperationFeedback feedback,
            Authorization authorization) {
        this.cluster = cluster;
        this.outbox = outbox;
        this.offers = offers;
        this.launches = launches;
        this.operations = operations;
        this.feedback = feedback;
        this.authorization = authorization;
    }

    /** What is left of the accepted offers while operations are applied. */
    static final class Pool {
        private final Framework framework;
        private final Agent agent;
        private final String role;
        private Resources left;
        /** What conversions produced: not refused with the rest. */
        private final Set<ResourceKey> converted = new HashSet<>();
        /** Volumes whose size this ACCEPT changes. */
        private final Set<ResourceKey> resized = new HashSet<>();

        private boolean used;
        private final Allocator allocator;

        Pool(Allocator allocator, Framework framework, Agent agent, String role, Resources left) {
            this.allocator = allocator;
            this.framework = framework;
            this.agent = agent;
            this.role = role;
            this.left = left;
        }

        Framework framework() {
            return framework;
        }

        Agent agent() {
            return agent;
        }

        String role() {
            return role;
        }

        boolean contains(Resources resources) {
            return left.contains(resources);
        }

        /**
         * Takes out what tasks and executors need; answers why it cannot be taken, and then takes nothing. What is shared
         * stays for others, and is held once more for each that uses it.
         */
        Optional<String> take(List<Resources> parts) {
            Resources resources = Resources.EMPTY;
            for (Resources part : parts) {
                resources = resources.plus(part.minus(part.shared()));
                boolean there = part.shared().amounts().entrySet().stream()
                        .allMatch(e -> e.getValue().equals(left.get(e.getKey())));
                if (!there) {
                    return Optional.of("it uses the shared volume " + part.shared() + ", which is not in the offers");
                }
            }
            for (ResourceKey key : resources.amounts().keySet()) {
                if (resized.contains(key)) {
                    return Optional.of("it uses the persistent volume " + key + ", which is resized in the same call");
                }
            }
            if (!left.contains(resources)) {
                return Optional.of(
                        "it uses more resources (" + resources + ") than are left of the offers (" + left + ")");
            }
            used = true;
            left = left.minus(resources);
            for (Resources part : parts) {
                Resources shared = part.shared().unallocated();
                if (!shared.isEmpty()) {
                    allocator.allocated(framework.id, role, agent.id, shared);
                }
            }
            return Optional.empty();
        }

        /** Until the agent has confirmed the new size no task may rely on it. */
        void resized(Resources volumes) {
            resized.addAll(volumes.amounts().keySet());
        }

        void convert(Conversions.Conversion conversion) {
            used = true;
            left = left.minus(conversion.from()).plus(conversion.to());
            converted.addAll(conversion.to().amounts().keySet());
        }
    }

    void accept(Instant now, Framework framework, Call.Accept call) {
        List<OfferView> accepted = new ArrayList<>();
        Optional<String> wrong = collect(framework, call.getOfferIdsList(), accepted);
        accepted.forEach(offers::takeOff);
        if (wrong.isPresent()) {
            accepted.forEach(offer -> offers.judge(offer, OfferEnd.TAKEN_BACK, now));
            accepted.forEach(offer -> offers.giveBack(offer, offer.resources(), null));
            drop(now, framework, call, wrong.get());
            return;
        }
        OfferView first = accepted.get(0);
        Agent agent = cluster.agent(first.agentId());
        if (agent == null) {
            throw new IllegalStateException("offer " + first.id() + " outlived agent " + first.agentId());
        }
        Resources all = pooled(accepted);
        Pool pool = new Pool(cluster.allocator, framework, agent, first.role(), all);
        for (Offer.Operation operation : call.getOperationsList()) {
            framework.counters.operated(operation.getType());
            apply(now, pool, operation);
        }
        offers.inverse.mayBeDue();
        double refuseSeconds = call.getFilters().getRefuseSeconds();
        OfferEnd how = pool.used ? OfferEnd.ACCEPTED : Offers.declined(refuseSeconds);
        accepted.forEach(offer -> offers.judge(offer, how, now));
        giveBackRest(
                first,
                pool,
                pool.used
                        ? Offers.refusedUntil(now, refuseSeconds)
                        : Offers.declinedUntil(now, framework, agent.id, refuseSeconds));
    }

    /** What is shared is in several offers, but once in their pool. */
    private Resources pooled(List<OfferView> accepted) {
        Resources all = Resources.EMPTY;
        for (OfferView offer : accepted) {
            Resources pooled = all;
            Resources again = offer.resources().filter(key -> key.shared() && pooled.get(key) != null);
            offers.giveBack(offer, again, null);
            all = all.plus(offer.resources().minus(again));
        }
        return all;
    }

    private void giveBackRest(OfferView offer, Pool pool, @Nullable Instant refusedUntil) {
        Resources changed = pool.left.filter(pool.converted::contains);
        offers.giveBack(offer, changed, null);
        offers.giveBack(offer, pool.left.minus(changed), refusedUntil);
    }

    /** Finds the offers; those that exist are collected even when others are wrong, since an ACCEPT uses them up. */
    private static Optional<String> collect(Framework framework, List<OfferID> ids, List<OfferView> found) {
        Set<String> seen = new LinkedHashSet<>();
        Optional<String> wrong = ids.isEmpty() ? Optional.of("offer_ids: must not be empty") : Optional.empty();
        for (OfferID id : ids) {
            OfferView offer = framework.offers.get(id.getValue());
            if (!seen.add(id.getValue())) {
                wrong = Optional.of("offer " + id.getValue() + " is given twice");
            } else if (offer == null) {
                wrong = Optional.of("offer " + id.getValue() + " is no longer valid");
            } else {
                found.add(offer);
                if (!offer.agentId().equals(found.get(0).agentId())) {
                    wrong = Optional.of("offer " + id.getValue() + " is of another agent than offer "
                            + found.get(0).id());
                } else if (!offer.role().equals(found.get(0).role())) {
                    wrong = Optional.of("offer " + id.getValue() + " is made to another role than offer "
                            + found.get(0).id());
                }
            }
        }
        return wrong;
    }

    private void apply(Instant now, Pool pool, Offer.Operation operation) {
        Optional<String> unauthorized = authorization.operation(pool.framework.info(), operation);
        if (unauthorized.isPresent()) {
            operations.refuse(pool.framework, operation, unauthorized.get());
            return;
        }
        switch (operation.getType()) {
            case LAUNCH:
                launches.launch(now, pool, operation);
                return;
            case LAUNCH_GROUP:
                launches.launchGroup(now, pool, operation);
                return;
            case RESERVE:
            case UNRESERVE:
            case CREATE:
            case DESTROY:
            case GROW_VOLUME:
            case SHRINK_VOLUME:
                operations.apply(pool, operation);
                return;
            case CREATE_DISK:
            case DESTROY_DISK:
                operations.refuse(
                        pool.framework,
                        operation,
                        operation.getType() + " needs a disk of a resource provider, and agent " + pool.agent.id
                                + " has none");
                return;
            case UNKNOWN:
                operations.refuse(pool.framework, operation, "operation.type: not known");
                return;
        }
        throw new IllegalStateException("operation type " + operation.getType() + " is not known");
    }

    private void drop(Instant now, Framework framework, Call.Accept call, String why) {
        String message = "Launched with invalid offers: " + why;
        for (Offer.Operation operation : call.getOperationsList()) {
            switch (operation.getType()) {
                case LAUNCH -> dropTasks(now, framework, operation.getLaunch().getTaskInfosList(), message);
                case LAUNCH_GROUP ->
                    dropTasks(
                            now,
                            framework,
                            operation.getLaunchGroup().getTaskGroup().getTasksList(),
                            message);
                default -> feedback.refuse(framework, operation, OperationState.OPERATION_DROPPED, why);
            }
        }
    }

    private void dropTasks(Instant now, Framework framework, List<TaskInfo> tasks, String message) {
        for (TaskInfo task : tasks) {
            outbox.refuse(
                    framework,
                    Statuses.refused(
                            now,
                            framework,
                            task,
                            TaskState.TASK_DROPPED,
                            TaskStatus.Reason.REASON_INVALID_OFFERS,
                            message));
        }
    }
}
