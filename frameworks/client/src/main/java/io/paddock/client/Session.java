package io.paddock.client;

import io.paddock.client.core.Calls;
import io.paddock.client.core.TaskReconciliation;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a driver remembers between events: the offers of the batch in hand, the tasks that are alive, the reconciliation
 * under way. Everything but {@link #terminated} belongs to the connection's thread.
 */
final class Session implements MasterConnection.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    /** States after which nothing more is expected of a task. */
    private static final Set<TaskState> OVER = EnumSet.of(
            TaskState.TASK_FINISHED,
            TaskState.TASK_FAILED,
            TaskState.TASK_KILLED,
            TaskState.TASK_ERROR,
            TaskState.TASK_LOST,
            TaskState.TASK_DROPPED,
            TaskState.TASK_GONE,
            TaskState.TASK_GONE_BY_OPERATOR,
            TaskState.TASK_UNKNOWN);

    private final SchedulerDriver driver;
    private final DriverOptions options;
    private final Scheduler scheduler;
    private final TaskReconciliation reconciliation;
    private final CompletableFuture<Void> terminated = new CompletableFuture<>();
    private final Set<OfferID> unsettled = new LinkedHashSet<>();
    private final Map<TaskID, @Nullable AgentID> alive = new LinkedHashMap<>();
    private long round;
    private FrameworkInfo framework;
    private Collection<String> suppressedRoles;

    Session(SchedulerDriver driver, DriverOptions options, Scheduler scheduler) {
        this.driver = driver;
        this.options = options;
        this.scheduler = scheduler;
        this.framework = options.subscribing();
        this.suppressedRoles = options.suppressedRoles();
        this.reconciliation = new TaskReconciliation(
                options.reconcileFirst(),
                options.reconcileMax(),
                ThreadLocalRandom.current().nextLong());
    }

    Duration declineUnusedFor() {
        return options.declineUnusedFor();
    }

    Call subscribeCall() {
        return Calls.subscribe(framework, suppressedRoles);
    }

    CompletionStage<Void> terminated() {
        return terminated.minimalCompletionStage();
    }

    void stopped() {
        terminated.complete(null);
    }

    /** These offers need no decline from us. */
    void settle(List<OfferID> offers) {
        unsettled.removeAll(offers);
    }

    /** Learns from a call that was handed to the connection. */
    void sent(Call call, CompletionStage<Void> outcome) {
        switch (call.getType()) {
            case ACCEPT -> {
                settle(call.getAccept().getOfferIdsList());
                call.getAccept().getOperationsList().forEach(this::launched);
            }
            case DECLINE -> settle(call.getDecline().getOfferIdsList());
            case UPDATE_FRAMEWORK ->
                outcome.thenRunAsync(
                        () -> {
                            framework = call.getUpdateFramework().getFrameworkInfo();
                            suppressedRoles = call.getUpdateFramework().getSuppressedRolesList();
                        },
                        driver.executor());
            default -> {}
        }
    }

    private void launched(Offer.Operation operation) {
        operation.getLaunch().getTaskInfosList().forEach(task -> alive.put(task.getTaskId(), task.getAgentId()));
        operation
                .getLaunchGroup()
                .getTaskGroup()
                .getTasksList()
                .forEach(task -> alive.put(task.getTaskId(), task.getAgentId()));
    }

    @Override
    public void event(Event event) {
        switch (event.getType()) {
            case SUBSCRIBED -> subscribed(event.getSubscribed());
            case OFFERS -> offers(event.getOffers().getOffersList());
            case INVERSE_OFFERS ->
                guarded(() ->
                        scheduler.inverseOffers(driver, event.getInverseOffers().getInverseOffersList()));
            case RESCIND ->
                guarded(() -> scheduler.rescinded(driver, event.getRescind().getOfferId()));
            case RESCIND_INVERSE_OFFER ->
                guarded(() -> scheduler.inverseOfferRescinded(
                        driver, event.getRescindInverseOffer().getInverseOfferId()));
            case UPDATE -> update(event.getUpdate().getStatus());
            case UPDATE_OPERATION_STATUS ->
                operationUpdate(event.getUpdateOperationStatus().getStatus());
            case MESSAGE ->
                guarded(() -> scheduler.message(
                        driver,
                        event.getMessage().getAgentId(),
                        event.getMessage().getExecutorId(),
                        event.getMessage().getData()));
            case FAILURE -> guarded(() -> scheduler.failure(driver, event.getFailure()));
            case ERROR, HEARTBEAT, UNKNOWN -> {}
        }
    }

    private void subscribed(Event.Subscribed event) {
        framework = framework.toBuilder().setId(event.getFrameworkId()).build();
        unsettled.clear();
        guarded(() -> scheduler.subscribed(driver, event.getFrameworkId(), event.getMasterInfo()));
        if (options.framework().hasId() || !alive.isEmpty()) {
            driver.send(Calls.reconcile(Map.of()));
        }
        reconciliation.start(Instant.now(), alive);
        round++;
        reconcile(round);
    }

    private void reconcile(long roundToContinue) {
        if (roundToContinue != round) {
            return;
        }
        reconciliation.poll(Instant.now()).ifPresent(driver::send);
        reconciliation
                .nextAt()
                .ifPresent(at -> CompletableFuture.delayedExecutor(
                                Math.max(1, Duration.between(Instant.now(), at).toMillis()),
                                TimeUnit.MILLISECONDS,
                                driver.executor())
                        .execute(() -> reconcile(roundToContinue)));
    }

    private void offers(List<Offer> offers) {
        offers.forEach(offer -> unsettled.add(offer.getId()));
        guarded(() -> scheduler.offers(driver, offers));
        if (!unsettled.isEmpty()) {
            driver.send(Calls.decline(List.copyOf(unsettled), options.declineUnusedFor()));
            unsettled.clear();
        }
    }

    private void update(TaskStatus status) {
        reconciliation.answered(status.getTaskId());
        if (OVER.contains(status.getState())) {
            alive.remove(status.getTaskId());
        } else {
            alive.put(status.getTaskId(), status.hasAgentId() ? status.getAgentId() : null);
        }
        boolean taken = guarded(() -> scheduler.update(driver, status));
        if (taken && !options.explicitAcknowledgements()) {
            driver.acknowledge(status);
        }
    }

    private void operationUpdate(OperationStatus status) {
        boolean taken = guarded(() -> scheduler.operationUpdate(driver, status));
        if (taken && !options.explicitAcknowledgements()) {
            driver.acknowledge(status);
        }
    }

    @Override
    public void disconnected(String reason, Duration retryAfter) {
        reconciliation.stop();
        round++;
        unsettled.clear();
        guarded(() -> scheduler.disconnected(driver, reason, retryAfter));
    }

    @Override
    public void refused(Call call, CallRefusedException why) {
        guarded(() -> scheduler.refused(driver, call, why));
    }

    @Override
    public void failed(String reason) {
        guarded(() -> scheduler.error(driver, reason));
        terminated.completeExceptionally(new IllegalStateException(reason));
    }

    private boolean guarded(Runnable callback) {
        try {
            callback.run();
            return true;
        } catch (RuntimeException | Error e) {
            LOG.error("The scheduler of framework {} failed on an event", framework.getName(), e);
            return false;
        }
    }
}
