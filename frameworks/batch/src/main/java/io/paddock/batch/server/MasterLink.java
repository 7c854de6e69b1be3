package io.paddock.batch.server;

import io.paddock.batch.core.BatchEvent;
import io.paddock.client.CallRefusedException;
import io.paddock.client.Scheduler;
import io.paddock.client.SchedulerDriver;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands what the driver says to the actor, in the messages the core speaks. */
final class MasterLink implements Scheduler {
    private static final Logger LOG = LoggerFactory.getLogger(MasterLink.class);

    private final ActorRef<BatchActor.Command> actor;

    MasterLink(ActorRef<BatchActor.Command> actor) {
        this.actor = actor;
    }

    @Override
    public void subscribed(SchedulerDriver driver, FrameworkID id, MasterInfo master) {
        tell(Event.newBuilder()
                .setType(Event.Type.SUBSCRIBED)
                .setSubscribed(Event.Subscribed.newBuilder().setFrameworkId(id).setMasterInfo(master)));
    }

    /** Offers are held: the core answers every one as soon as it has decided and written. */
    @Override
    public void offers(SchedulerDriver driver, List<Offer> offers) {
        offers.forEach(driver::hold);
        tell(Event.newBuilder()
                .setType(Event.Type.OFFERS)
                .setOffers(Event.Offers.newBuilder().addAllOffers(offers)));
    }

    @Override
    public void update(SchedulerDriver driver, TaskStatus status) {
        tell(Event.newBuilder()
                .setType(Event.Type.UPDATE)
                .setUpdate(Event.Update.newBuilder().setStatus(status)));
    }

    @Override
    public void disconnected(SchedulerDriver driver, String reason, Duration retryAfter) {
        actor.tell(new BatchActor.Happened(new BatchEvent.Disconnected(reason)));
    }

    /** A launch that was refused is asked for later, as every task that nothing is heard of, and repeated. */
    @Override
    public void refused(SchedulerDriver driver, Call call, CallRefusedException why) {
        LOG.warn("{}", why.getMessage());
    }

    @Override
    public void error(SchedulerDriver driver, String message) {
        tell(Event.newBuilder()
                .setType(Event.Type.ERROR)
                .setError(Event.Error.newBuilder().setMessage(message)));
    }

    private void tell(Event.Builder event) {
        actor.tell(new BatchActor.Happened(new BatchEvent.FromMaster(event.build())));
    }
}
