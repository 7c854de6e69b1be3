package io.paddock.client;

import com.google.protobuf.ByteString;
import io.paddock.client.core.Calls;
import io.paddock.client.core.OfferRoom;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.KillPolicy;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.Request;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A framework's connection to the cluster. It subscribes and resubscribes, declines what the {@link Scheduler} does not use,
 * acknowledges what it took, and after each (re)subscription asks for the state of every task it knows of until it is told.
 *
 * <p>Thread safe. Every call returns a stage that is done when the master has taken it, and fails with
 * {@link CallRefusedException}; nothing blocks, except {@link #join}. Stages are completed on
 * {@linkplain ConnectionOptions#executor threads of their own}, neither that of the callbacks nor those that send.
 */
public final class SchedulerDriver implements AutoCloseable {
    private final Session session;
    private final MasterConnection connection;

    private SchedulerDriver(DriverOptions options, Scheduler scheduler) {
        this.session = new Session(this, options, scheduler);
        this.connection = new MasterConnection(options.connection(), session::subscribeCall, session);
    }

    /**
     * Starts a framework.
     *
     * @throws IllegalArgumentException when the master's address cannot be understood
     */
    public static SchedulerDriver start(DriverOptions options, Scheduler scheduler) {
        SchedulerDriver driver = new SchedulerDriver(options, scheduler);
        driver.connection.start();
        return driver;
    }

    /** Starts a framework with the {@linkplain DriverOptions#of usual options}. */
    public static SchedulerDriver start(String master, String name, Scheduler scheduler) {
        return start(DriverOptions.of(master, name), scheduler);
    }

    /** The id of this framework, once there was a subscription: keep it, to be the same framework after a restart. */
    public @Nullable FrameworkID frameworkId() {
        return connection.frameworkId();
    }

    /** The thread of all callbacks; what runs here never overlaps with them. Rejects what comes after the driver has stopped. */
    public Executor executor() {
        return connection.executor();
    }

    /** Uses an offer; what the operations leave over is declined. */
    public CompletionStage<Void> accept(Offer offer, List<Offer.Operation> operations) {
        return accept(List.of(offer), operations, null);
    }

    /**
     * Uses offers of one agent and one role together.
     *
     * @param refuse for how long what is left over is not offered again; null for the default
     */
    public CompletionStage<Void> accept(
            List<Offer> offers, List<Offer.Operation> operations, @Nullable Duration refuse) {
        return send(Calls.accept(ids(offers), operations, refuse == null ? session.declineUnusedFor() : refuse));
    }

    public CompletionStage<Void> launch(Offer offer, List<TaskInfo> tasks) {
        return accept(offer, List.of(Calls.launchOperation(tasks)));
    }

    /** Launches the tasks that were put into an offer; does nothing when there are none. */
    public CompletionStage<Void> launch(OfferRoom room) {
        return room.tasks().isEmpty() ? CompletableFuture.completedStage(null) : launch(room.offer(), room.tasks());
    }

    public CompletionStage<Void> decline(Offer offer) {
        return decline(List.of(offer), session.declineUnusedFor());
    }

    /** Gives offers back; their resources are not offered to this framework again for {@code refuse}. */
    public CompletionStage<Void> decline(List<Offer> offers, Duration refuse) {
        return send(Calls.decline(ids(offers), refuse));
    }

    /** Keeps an offer beyond the callback that brought it. It must be used or declined soon: others cannot have it. */
    public void hold(Offer offer) {
        connection.execute(() -> session.settle(List.of(offer.getId())));
    }

    public CompletionStage<Void> acceptInverseOffers(List<OfferID> inverseOffers) {
        return send(Calls.acceptInverseOffers(inverseOffers, session.declineUnusedFor()));
    }

    public CompletionStage<Void> declineInverseOffers(List<OfferID> inverseOffers) {
        return send(Calls.declineInverseOffers(inverseOffers, session.declineUnusedFor()));
    }

    /** Asks for offers again at once, forgetting all refusals; no roles means all. Call it whenever there is new work. */
    public CompletionStage<Void> revive(String... roles) {
        return send(Calls.revive(Arrays.asList(roles)));
    }

    /** Asks for no more offers; no roles means all. Call it when there is nothing to launch. */
    public CompletionStage<Void> suppress(String... roles) {
        return send(Calls.suppress(Arrays.asList(roles)));
    }

    public CompletionStage<Void> kill(TaskID task) {
        return kill(task, null, null);
    }

    /**
     * Kills a task.
     *
     * @param agent where it is believed to be; null when unknown
     * @param policy how much time it gets; null for the task's own
     */
    public CompletionStage<Void> kill(TaskID task, @Nullable AgentID agent, @Nullable KillPolicy policy) {
        return send(Calls.kill(task, agent, policy));
    }

    /** Shuts an executor and all its tasks down. */
    public CompletionStage<Void> shutdown(ExecutorID executor, AgentID agent) {
        return send(Calls.shutdown(executor, agent));
    }

    /** Says that a status was taken; for explicit acknowledgements. Does nothing if it does not want to be. */
    public CompletionStage<Void> acknowledge(TaskStatus status) {
        return Calls.wantsAcknowledgement(status)
                ? send(Calls.acknowledge(status))
                : CompletableFuture.completedStage(null);
    }

    /** As {@link #acknowledge(TaskStatus)}. */
    public CompletionStage<Void> acknowledge(OperationStatus status) {
        return Calls.wantsAcknowledgement(status)
                ? send(Calls.acknowledge(status))
                : CompletableFuture.completedStage(null);
    }

    /** Asks for the latest status of tasks once; none means all that the master knows of. */
    public CompletionStage<Void> reconcile(Map<TaskID, @Nullable AgentID> tasks) {
        return send(Calls.reconcile(tasks));
    }

    public CompletionStage<Void> reconcileOperations(List<Call.ReconcileOperations.Operation> operations) {
        return send(Calls.reconcileOperations(operations));
    }

    /** Says something to an executor. Best effort: it may be lost. */
    public CompletionStage<Void> message(AgentID agent, ExecutorID executor, ByteString data) {
        return send(Calls.message(agent, executor, data));
    }

    public CompletionStage<Void> request(List<Request> requests) {
        return send(Calls.request(requests));
    }

    /** Changes name, roles, capabilities and the like without resubscribing; lasts over reconnections once taken. */
    public CompletionStage<Void> updateFramework(FrameworkInfo framework, Collection<String> suppressedRoles) {
        return send(Calls.updateFramework(framework, suppressedRoles));
    }

    /** Sends any call; the framework id is filled in. */
    public CompletionStage<Void> send(Call call) {
        return connection.send(call, outcome -> session.sent(call, outcome));
    }

    /** Ends the framework: the master kills all its tasks and forgets it. The driver stops when that is taken. */
    public CompletionStage<Void> teardown() {
        CompletionStage<Void> outcome = send(Calls.teardown());
        outcome.whenComplete((done, error) -> stopped());
        return outcome;
    }

    /**
     * Stops the driver. Returns at once; calls made before are still sent, if the master answers them within 5 s. The outcome of
     * one that is on its way then may come up to 30 s later.
     *
     * @param failover true leaves the framework and its tasks alive for its failover timeout, to be taken over by a driver
     *     with the same framework id; false ends it as {@link #teardown} does
     */
    public void stop(boolean failover) {
        if (failover) {
            stopped();
        } else {
            teardown();
        }
    }

    /** As {@code stop(true)}. */
    @Override
    public void close() {
        stop(true);
    }

    /**
     * Done when the driver has stopped, and the calls made before have been answered, or after 5 s; fails with the reason when
     * the master wants no more of this framework.
     */
    public CompletionStage<Void> terminated() {
        return session.terminated();
    }

    /**
     * Waits until the driver has stopped. Never call it on the driver's own thread.
     *
     * @throws IllegalStateException with the reason when the master wants no more of this framework
     */
    public void join() {
        try {
            session.terminated().toCompletableFuture().join();
        } catch (CompletionException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
        }
    }

    private void stopped() {
        connection.close();
        connection.ended().thenRun(session::stopped);
    }

    private static List<OfferID> ids(List<Offer> offers) {
        return offers.stream().map(Offer::getId).toList();
    }
}
