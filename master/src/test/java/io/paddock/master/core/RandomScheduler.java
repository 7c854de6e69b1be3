package io.paddock.master.core;

import io.paddock.proto.v1.Filters;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** A scheduler that subscribes again when its stream ends and answers offers at random, also such as were rescinded. */
final class RandomScheduler {
    private final MasterHarness master;
    private final Random random;
    private final AtomicInteger names;
    private final String name;
    private String id = "";
    private String stream = "";
    private int read;
    private final List<Offer> offers = new ArrayList<>();
    private final List<TaskStatus> toAcknowledge = new ArrayList<>();

    RandomScheduler(MasterHarness master, Random random, AtomicInteger names, String name) {
        this.master = master;
        this.random = random;
        this.names = names;
        this.name = name;
    }

    boolean isConnected() {
        return !stream.isEmpty();
    }

    void subscribe() {
        if (isConnected() && random.nextInt(4) != 0) {
            return;
        }
        var info = MasterHarness.frameworkInfo(name, "web", "role-" + name);
        if (!id.isEmpty()) {
            info.setId(FrameworkID.newBuilder().setValue(id));
        }
        lost();
        stream = "stream" + names.getAndIncrement();
        read = 0;
        master.subscribe(stream, MasterHarness.subscribe(info.build()).build());
    }

    void breakStream() {
        master.feed(new MasterEvent.SchedulerStreamClosed(stream));
        lost();
    }

    /** It has no stream any more, and what came on it is void. */
    void lost() {
        stream = "";
        toAcknowledge.clear();
        forgetOffers();
    }

    void forgetOffers() {
        offers.clear();
    }

    void answerOffer() {
        if (offers.isEmpty() || !isConnected()) {
            return;
        }
        // Now and then an offer is forgotten, or answered though it was rescinded.
        Offer offer = offers.remove(random.nextInt(offers.size()));
        int how = random.nextInt(10);
        Filters.Builder filters = Filters.newBuilder().setRefuseSeconds(random.nextInt(3));
        if (how < 2) {
            master.call(
                    stream,
                    MasterHarness.call(id, Call.Type.DECLINE)
                            .setDecline(Call.Decline.newBuilder()
                                    .addOfferIds(offer.getId())
                                    .setFilters(filters)));
        } else if (how < 9) {
            Call.Accept.Builder accept =
                    Call.Accept.newBuilder().addOfferIds(offer.getId()).setFilters(filters);
            int count = random.nextInt(3);
            for (int i = 0; i < count; i++) {
                TaskInfo task = MasterHarness.task(
                                "t" + names.getAndIncrement(), offer, "cpus:" + (0.5 + random.nextInt(4)) + ";mem:64")
                        .build();
                accept.addOperations(MasterHarness.launch(task));
            }
            master.call(stream, MasterHarness.call(id, Call.Type.ACCEPT).setAccept(accept));
        }
    }

    /** Acknowledges the oldest update that waits for it, if there is one. */
    void acknowledge() {
        if (!toAcknowledge.isEmpty() && isConnected()) {
            TaskStatus status = toAcknowledge.remove(0);
            master.acknowledge(stream, id, status.getAgentId().getValue(), status);
        }
    }

    void acknowledgeAll() {
        while (!toAcknowledge.isEmpty()) {
            acknowledge();
        }
    }

    void kill() {
        master.snapshot().agents().stream()
                .flatMap(a -> a.tasks().stream())
                .filter(t -> t.getFrameworkId().getValue().equals(id))
                .findAny()
                .ifPresent(t -> master.call(
                        isConnected() ? stream : "none",
                        MasterHarness.call(id, Call.Type.KILL)
                                .setKill(Call.Kill.newBuilder().setTaskId(t.getTaskId()))));
    }

    /** A call that says nothing but its type. */
    void call(Call.Type type) {
        master.call(stream, MasterHarness.call(id, type));
    }

    /** Looks at what it was sent. */
    void receive() {
        if (!isConnected()) {
            return;
        }
        List<Event> events = master.events(stream);
        for (; read < events.size(); read++) {
            received(events.get(read));
        }
        if (master.closedStreams.contains(stream)) {
            breakStream();
        }
    }

    private void received(Event event) {
        switch (event.getType()) {
            case SUBSCRIBED:
                id = event.getSubscribed().getFrameworkId().getValue();
                break;
            case OFFERS:
                offers.addAll(event.getOffers().getOffersList());
                break;
            case RESCIND:
                offers.removeIf(o -> o.getId().equals(event.getRescind().getOfferId()));
                break;
            case UPDATE:
                if (event.getUpdate().getStatus().hasUuid()) {
                    toAcknowledge.add(event.getUpdate().getStatus());
                }
                break;
            case ERROR:
                id = event.getError().getMessage().contains("removed") ? "" : id;
                break;
            default:
                break;
        }
    }
}
