package io.paddock.batch.core;

import io.paddock.batch.core.Agenda.Due.Kind;
import io.paddock.client.core.Calls;
import io.paddock.client.core.OfferRoom;
import io.paddock.common.resources.Quantity;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The queue of runs that wait for an offer, longest wait first, and what is asked of the master for them: offers are
 * suppressed while nothing waits and revived when something new does. Knows for each waiting run why it waits.
 */
final class Launcher {
    /** How long unused offers are refused while nothing waits; a revive ends it. */
    private static final Duration REFUSE_WHEN_IDLE = Duration.ofMinutes(2);

    /** So that what is launched on one offer fits into one write. */
    private static final int TASKS_PER_OFFER = 100;
    /** A launched task of which nothing was heard for so long is asked for. */
    static final Duration SILENCE = Duration.ofSeconds(60);
    /** A revive that no offer followed within so long is repeated: nobody says whether a call arrived. */
    private static final Duration OFFERS_WITHIN = Duration.ofSeconds(30);

    private final Workbench bench;
    private final Set<String> queue = new LinkedHashSet<>();
    private final Map<String, Tally> tallies = new HashMap<>();
    private final Map<String, Integer> queuedOfJob = new HashMap<>();
    private boolean connected;
    private boolean suppressed;
    /** Whether offers may be withheld from us because we declined them since the last revive. */
    private boolean declined;

    private boolean newWork;
    private String notConnected = "not subscribed to a master yet";

    Launcher(Workbench bench) {
        this.bench = bench;
    }

    void enqueue(Instant now, Run run) {
        if (queue.add(run.id())) {
            newWork = true;
            queuedOfJob.merge(run.jobId(), 1, Integer::sum);
            tallies.computeIfAbsent(run.jobId(), id -> new Tally(now));
        }
    }

    void dequeue(Run run) {
        if (queue.remove(run.id()) && queuedOfJob.merge(run.jobId(), -1, Integer::sum) == 0) {
            queuedOfJob.remove(run.jobId());
            tallies.remove(run.jobId());
        }
    }

    /** How many runs wait for an offer. */
    int queued() {
        return queue.size();
    }

    void subscribed() {
        connected = true;
        suppressed = false;
        declined = false;
    }

    void disconnected(String why) {
        connected = false;
        notConnected = "not subscribed to a master: " + why;
    }

    /** Ends an event: asks for offers when there is new work, for none when there is no work. */
    void settle(Instant now) {
        if (!connected) {
            return;
        }
        if (queue.isEmpty() && !suppressed) {
            suppressed = true;
            send(Calls.suppress(List.of()));
        } else if (!queue.isEmpty() && (suppressed || (newWork && declined))) {
            suppressed = false;
            declined = false;
            revive(now);
        }
        newWork = false;
    }

    private void revive(Instant now) {
        send(Calls.revive(List.of()));
        bench.agenda().put(Kind.REVIVE_AGAIN, "", now.plus(OFFERS_WITHIN));
    }

    /** No offer came since the last revive. */
    void reviveAgain(Instant now) {
        if (connected && !queue.isEmpty()) {
            revive(now);
        }
    }

    /** Why a run has no task, in words. */
    String wait(Instant now, Run run) {
        if (run.notBefore().isAfter(now)) {
            return "waits until " + run.notBefore() + " before try " + (run.attempts() + 1) + ", because "
                    + (run.lastTask() == null ? "it was put back" : Words.ended(run.lastTask()));
        }
        if (!connected) {
            return notConnected;
        }
        Tally tally = tallies.get(run.jobId());
        return tally == null ? "waits for an offer" : tally.describe(now);
    }

    /** Puts waiting runs into offers; declines what is not used. */
    void offers(Instant now, List<Offer> offers) {
        bench.agenda().remove(Kind.REVIVE_AGAIN, "");
        Map<OfferID, List<TaskInfo>> launches = new LinkedHashMap<>();
        List<OfferID> unused = new ArrayList<>();
        for (Offer offer : offers) {
            List<TaskInfo> tasks = queue.isEmpty() ? List.of() : fill(now, offer);
            bench.outbox().endStep();
            if (tasks.isEmpty()) {
                unused.add(offer.getId());
            } else {
                launches.put(offer.getId(), tasks);
            }
        }
        Duration refuse = queue.isEmpty() ? REFUSE_WHEN_IDLE : bench.settings().declineFor();
        launches.forEach((offer, tasks) ->
                send(Calls.launch(offer, tasks, tasks.size() >= TASKS_PER_OFFER ? Duration.ZERO : refuse)));
        if (!unused.isEmpty()) {
            send(Calls.decline(unused, refuse));
        }
        declined = true;
    }

    private List<TaskInfo> fill(Instant now, Offer offer) {
        OfferRoom room = OfferRoom.of(offer);
        Set<RunSpec> unfit = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<String> counted = new HashSet<>();
        for (String id : List.copyOf(queue)) {
            Run run = bench.state().run(id);
            if (room.tasks().size() >= TASKS_PER_OFFER) {
                break;
            }
            if (run == null || unfit.contains(run.spec())) {
                continue;
            }
            Tally tally = tallies.computeIfAbsent(run.jobId(), job -> new Tally(now));
            if (counted.add(run.jobId())) {
                tally.offer();
            }
            if (!fits(run, offer, room, tally) || !room.add(TaskTemplate.of(run))) {
                unfit.add(run.spec());
                continue;
            }
            launched(now, run, offer);
        }
        return room.tasks();
    }

    private void launched(Instant now, Run run, Offer offer) {
        RunTask task =
                RunTask.launched(TaskTemplate.taskId(run), offer.getAgentId().getValue(), offer.getHostname(), now);
        Run launched = run.launched(task);
        bench.outbox().change(new Change.PutRun(launched));
        bench.outbox().announce(News.ofRun(News.Kind.TASK_LAUNCHED, now, launched, ""));
        dequeue(run);
        if (bench.agenda().at(Kind.RECONCILE, "") == null) {
            bench.agenda().put(Kind.RECONCILE, "", now.plus(SILENCE));
        }
    }

    private static boolean fits(Run run, Offer offer, OfferRoom room, Tally tally) {
        boolean placeable = PlacementConstraints.unmet(run.spec().constraints(), offer)
                .map(constraint -> {
                    tally.unmet(constraint);
                    return false;
                })
                .orElse(true);
        boolean enough = true;
        for (Map.Entry<String, Double> need : TaskTemplate.needs(run.spec()).entrySet()) {
            Quantity.Scalar left = new Quantity.Scalar(room.left().thousandths(need.getKey()));
            if (left.thousandths() < Quantity.Scalar.of(need.getValue()).thousandths()) {
                tally.tooLittle(need.getKey(), need.getValue(), left.thousandths() / 1000.0);
                enough = false;
            }
        }
        return placeable && enough;
    }

    private void send(Call call) {
        bench.outbox().effect(new BatchEffect.Send(call));
    }
}
