package io.paddock.client;

import com.google.protobuf.ByteString;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.InverseOffer;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;

/**
 * A framework's side of the scheduler API. All methods are called on the driver's thread, one at a time; while one works no
 * further events are read, so it must not block for long. An exception it throws is logged and changes nothing else, except
 * that a status it did not take is not acknowledged and so comes again.
 */
public interface Scheduler {
    /**
     * There is a subscription. Called again after every reconnection, to this or another master: offers from before are
     * void, and so is what was {@linkplain SchedulerDriver#suppress suppressed} by a call; the driver reconciles the tasks it
     * knows of by itself.
     */
    default void subscribed(SchedulerDriver driver, FrameworkID id, MasterInfo master) {}

    /**
     * Resources are offered. What is neither accepted, declined nor {@linkplain SchedulerDriver#hold held} when this
     * returns is declined by the driver.
     */
    default void offers(SchedulerDriver driver, List<Offer> offers) {}

    /** An offer is no longer valid. */
    default void rescinded(SchedulerDriver driver, OfferID offer) {}

    /** Agents are to be maintained: their resources are wanted back at the time named. */
    default void inverseOffers(SchedulerDriver driver, List<InverseOffer> inverseOffers) {}

    default void inverseOfferRescinded(SchedulerDriver driver, OfferID inverseOffer) {}

    /**
     * A task's state. The same status may come more than once. Acknowledged when this returns, unless acknowledgements are
     * explicit.
     */
    default void update(SchedulerDriver driver, TaskStatus status) {}

    /** An operation's state; acknowledged as {@link #update}. */
    default void operationUpdate(SchedulerDriver driver, OperationStatus status) {}

    /** An executor says something. Best effort: it may be lost. */
    default void message(SchedulerDriver driver, AgentID agent, ExecutorID executor, ByteString data) {}

    /** An agent or an executor is gone. Informational: what became of tasks is told by their updates. */
    default void failure(SchedulerDriver driver, Event.Failure failure) {}

    /**
     * The subscription is lost, or could not be had; the driver tries again after {@code retryAfter}. Tasks go on running
     * meanwhile.
     */
    default void disconnected(SchedulerDriver driver, String reason, Duration retryAfter) {}

    /** The master refused a call, or it did not get through. */
    default void refused(SchedulerDriver driver, Call call, CallRefusedException why) {}

    /** The master wants no more of this framework; the driver has stopped. */
    default void error(SchedulerDriver driver, String message) {}
}
