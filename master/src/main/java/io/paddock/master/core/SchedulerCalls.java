package io.paddock.master.core;

import com.google.protobuf.ByteString;
import io.paddock.common.Rejection;
import io.paddock.master.core.MasterEvent.SchedulerCalled;
import io.paddock.proto.domain.CallParts;
import io.paddock.proto.v1.Filters;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.allocator.InverseOfferStatus;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Every scheduler call but SUBSCRIBE: who may call, whether the call is well formed, and who handles it. */
final class SchedulerCalls {
    private static final int UUID_BYTES = 16;
    /** Without arguments they mean all roles. */
    private static final Set<Call.Type> MAY_BE_BARE = EnumSet.of(Call.Type.REVIVE, Call.Type.SUPPRESS);

    private final Cluster cluster;
    private final Outbox outbox;
    private final Subscriptions subscriptions;
    private final FrameworkRemoval frameworkRemoval;
    private final Offers offers;
    private final Acceptance acceptance;
    private final Kills kills;
    private final StatusUpdates statusUpdates;
    private final Reconciliation reconciliation;
    private final OperationFeedback feedback;
    private final Draining draining;

    SchedulerCalls(
            Cluster cluster,
            Outbox outbox,
            Subscriptions subscriptions,
            FrameworkRemoval frameworkRemoval,
            Offers offers,
            Acceptance acceptance,
            Kills kills,
            StatusUpdates statusUpdates,
            Reconciliation reconciliation,
            OperationFeedback feedback,
            Draining draining) {
        this.cluster = cluster;
        this.outbox = outbox;
        this.subscriptions = subscriptions;
        this.frameworkRemoval = frameworkRemoval;
        this.offers = offers;
        this.acceptance = acceptance;
        this.kills = kills;
        this.statusUpdates = statusUpdates;
        this.reconciliation = reconciliation;
        this.feedback = feedback;
        this.draining = draining;
    }

    void called(Instant now, SchedulerCalled event) {
        Call call = event.call();
        Framework framework = cluster.framework(call.getFrameworkId().getValue());
        Optional<Rejection> rejection = checkCaller(event, framework).or(() -> checkContent(call));
        if (rejection.isPresent() || framework == null) {
            outbox.reject(event.request(), rejection.orElseGet(() -> Rejection.invalid("Framework cannot be found")));
            return;
        }
        framework.counters.called(call.getType());
        route(now, event, framework, call);
    }

    private static Optional<Rejection> checkCaller(SchedulerCalled event, @Nullable Framework framework) {
        if (!event.call().hasType()) {
            return refuse("type: expecting it to be present");
        }
        if (event.call().getType() == Call.Type.UNKNOWN) {
            return Optional.of(new Rejection(Rejection.Code.NOT_SUPPORTED, "type: UNKNOWN is not a call"));
        }
        if (framework == null) {
            return refuse("Framework cannot be found");
        }
        FrameworkInfo info = framework.info();
        if (event.principal() != null
                && info.hasPrincipal()
                && !event.principal().equals(info.getPrincipal())) {
            return refuse("The authenticated principal '" + event.principal() + "' is not the principal of framework "
                    + framework.id);
        }
        if (!framework.isConnected()) {
            return Optional.of(new Rejection(Rejection.Code.FORBIDDEN, "Framework is not subscribed"));
        }
        if (event.stream() == null) {
            return refuse("All non-subscribe calls should include the 'Mesos-Stream-Id' header");
        }
        if (!event.stream().equals(framework.stream())) {
            return refuse("The stream ID '" + event.stream() + "' included in this request didn't match the stream ID"
                    + " currently associated with framework " + framework.id);
        }
        return Optional.empty();
    }

    /** Whether the part that the type names is there and well formed. */
    private static Optional<Rejection> checkContent(Call call) {
        if (call.getType() == Call.Type.SUBSCRIBE) {
            return refuse("SUBSCRIBE opens a stream and cannot be called on one");
        }
        Optional<String> missing =
                MAY_BE_BARE.contains(call.getType()) ? Optional.empty() : CallParts.missing(call, call.getType());
        if (missing.isPresent()) {
            return missing.map(part -> Rejection.invalid(part + ": expecting it to be present"));
        }
        switch (call.getType()) {
            case ACKNOWLEDGE:
                return requireUuid("acknowledge.uuid", call.getAcknowledge().getUuid());
            case ACKNOWLEDGE_OPERATION_STATUS:
                Call.AcknowledgeOperationStatus ack = call.getAcknowledgeOperationStatus();
                return requireUuid("acknowledge_operation_status.uuid", ack.getUuid())
                        .or(() -> ack.hasAgentId()
                                ? Optional.empty()
                                : refuse("acknowledge_operation_status.agent_id: expecting it to be present"));
            default:
                return Optional.empty();
        }
    }

    private void route(Instant now, SchedulerCalled event, Framework framework, Call call) {
        switch (call.getType()) {
            case TEARDOWN:
                frameworkRemoval.remove(framework, () -> outbox.accepted(event.request()));
                return;
            case UPDATE_FRAMEWORK:
                subscriptions.update(event.request(), event.principal(), framework, call.getUpdateFramework());
                return;
            case ACCEPT:
                acceptance.accept(now, framework, call.getAccept());
                break;
            case DECLINE:
                offers.decline(
                        now,
                        framework,
                        call.getDecline().getOfferIdsList(),
                        call.getDecline().getFilters().getRefuseSeconds());
                break;
            case REVIVE:
                revive(framework, call.getRevive().getRolesList());
                break;
            case SUPPRESS:
                suppress(framework, call.getSuppress().getRolesList());
                break;
            case KILL:
                kills.kill(now, framework, call.getKill());
                break;
            case SHUTDOWN:
                kills.shutdownExecutor(framework, call.getShutdown());
                break;
            case MESSAGE:
                kills.message(framework, call.getMessage());
                break;
            case ACKNOWLEDGE:
                statusUpdates.acknowledge(now, framework, call.getAcknowledge());
                break;
            case RECONCILE:
                reconciliation.reconcile(now, framework, call.getReconcile().getTasksList());
                break;
            case RECONCILE_OPERATIONS:
                reconciliation.reconcileOperations(
                        framework, call.getReconcileOperations().getOperationsList());
                break;
            case ACKNOWLEDGE_OPERATION_STATUS:
                Agent agent = feedback.acknowledged(framework, call.getAcknowledgeOperationStatus());
                if (agent != null) {
                    draining.taskEnded(now, agent);
                }
                break;
            case ACCEPT_INVERSE_OFFERS:
                answered(
                        now,
                        framework,
                        call.getAcceptInverseOffers().getInverseOfferIdsList(),
                        InverseOfferStatus.Status.ACCEPT,
                        call.getAcceptInverseOffers().getFilters());
                break;
            case DECLINE_INVERSE_OFFERS:
                answered(
                        now,
                        framework,
                        call.getDeclineInverseOffers().getInverseOfferIdsList(),
                        InverseOfferStatus.Status.DECLINE,
                        call.getDeclineInverseOffers().getFilters());
                break;
            case REQUEST:
                // Nothing to do: no allocator uses requests.
                break;
            case SUBSCRIBE:
            case UNKNOWN:
                throw new IllegalStateException(call.getType() + " passed the checks");
        }
        outbox.accepted(event.request());
    }

    private void answered(
            Instant now, Framework framework, List<OfferID> ids, InverseOfferStatus.Status answer, Filters filters) {
        offers.inverse.answered(now, framework, ids, answer, Offers.refusedUntil(now, filters.getRefuseSeconds()));
    }

    private void revive(Framework framework, List<String> roles) {
        if (!framework.roles().containsAll(roles)) {
            return;
        }
        List<String> suppressed = new ArrayList<>(framework.suppressedRoles());
        suppressed.removeAll(roles.isEmpty() ? framework.roles() : roles);
        framework.suppressedRoles(suppressed);
        offers.inverse.revived(framework);
        if (!framework.roles().isEmpty()) {
            cluster.allocator.revive(framework.id, roles);
        }
    }

    private void suppress(Framework framework, List<String> roles) {
        if (!framework.roles().containsAll(roles)) {
            return;
        }
        Set<String> suppressed = new LinkedHashSet<>(framework.suppressedRoles());
        suppressed.addAll(roles.isEmpty() ? framework.roles() : roles);
        framework.suppressedRoles(List.copyOf(suppressed));
        cluster.allocator.suppress(framework.id, roles);
    }

    private static Optional<Rejection> requireUuid(String field, ByteString uuid) {
        return uuid.size() == UUID_BYTES
                ? Optional.empty()
                : refuse(field + ": must be " + UUID_BYTES + " bytes, but is " + uuid.size());
    }

    private static Optional<Rejection> refuse(String message) {
        return Optional.of(Rejection.invalid(message));
    }
}
