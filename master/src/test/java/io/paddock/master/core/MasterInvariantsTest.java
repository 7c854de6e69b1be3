package io.paddock.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.master.core.snapshot.OfferView;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Leaving;
import io.paddock.proto.link.Reregister;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.Filters;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random agents, schedulers and, for every other seed, an operator that do anything allowed, in any order, with broken links, lost frames, slow writes
 * and changing masters. After every step the books must add up; when everything has calmed down nothing may be held any more.
 */
class MasterInvariantsTest {
    private static final String TOTAL = "cpus:8;mem:4096;disk:1000;ports:[31000-31099]";
    private static final TaskState[] ENDS = {
        TaskState.TASK_FINISHED, TaskState.TASK_FAILED, TaskState.TASK_KILLED, TaskState.TASK_DROPPED
    };

    /** An agent that knows what it runs and repeats unacknowledged updates. */
    private static final class FakeAgent {
        final String host;
        String id = "";
        String link;
        int read;
        final Map<String, Task> tasks = new LinkedHashMap<>();
        final Map<String, TaskStatus> unacknowledged = new LinkedHashMap<>();

        FakeAgent(String host, String link) {
            this.host = host;
            this.link = link;
        }
    }

    /** A scheduler that subscribes again when its stream ends. */
    private static final class FakeScheduler {
        final String name;
        String id = "";
        String stream;
        int read;
        final List<Offer> offers = new ArrayList<>();
        final List<TaskStatus> toAcknowledge = new ArrayList<>();

        FakeScheduler(String name, String stream) {
            this.name = name;
            this.stream = stream;
        }
    }

    private final List<FakeAgent> agents = new ArrayList<>();
    private final List<FakeScheduler> schedulers = new ArrayList<>();
    private MasterHarness master;
    private RandomOperator operator;
    private Random random;
    private int names;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void theBooksAlwaysAddUp(long seed) {
        run(seed, 1000);
    }

    @Test
    void theBooksAddUpForASeedOfTheDay() {
        long seed = Long.getLong("seed", System.currentTimeMillis() / 86_400_000);
        System.out.println("seed " + seed);
        run(seed, 1500);
    }

    private void run(long seed, int steps) {
        random = new Random(seed);
        master = new MasterHarness();
        operator = new RandomOperator(
                master, List.of("host0", "host1", "host2", "host3"), List.of("web", "role-f0", "role-f1", "role-f2"));
        agents.clear();
        schedulers.clear();
        for (int i = 0; i < 4; i++) {
            agents.add(new FakeAgent("host" + i, ""));
        }
        for (int i = 0; i < 3; i++) {
            schedulers.add(new FakeScheduler("f" + i, ""));
        }
        for (int step = 0; step < steps; step++) {
            int what = random.nextInt(100);
            try {
                if (seed % 2 == 0 && random.nextInt(15) == 0) {
                    operator.act(random);
                }
                act(what);
                receive(0.02);
                check();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ", step " + step + ", action " + what + ": " + e, e);
            }
        }
        calmDown(seed);
    }

    private void act(int what) {
        FakeAgent agent = agents.get(random.nextInt(agents.size()));
        FakeScheduler scheduler = schedulers.get(random.nextInt(schedulers.size()));
        if (what < 8) {
            connect(agent);
        } else if (what < 10) {
            breakLink(agent);
        } else if (what < 16) {
            subscribe(scheduler);
        } else if (what < 18 && !scheduler.stream.isEmpty()) {
            master.feed(new MasterEvent.SchedulerStreamClosed(scheduler.stream));
            lost(scheduler);
        } else if (what < 45) {
            answerOffer(scheduler);
        } else if (what < 65) {
            runTask(agent);
        } else if (what < 75) {
            acknowledge(scheduler);
        } else if (what < 78) {
            kill(scheduler);
        } else if (what < 80 && !scheduler.stream.isEmpty()) {
            master.call(scheduler.stream, MasterHarness.call(scheduler.id, Call.Type.REVIVE));
        } else if (what < 93) {
            boolean longTime = random.nextInt(25) == 0;
            master.advance(longTime ? Duration.ofMinutes(12) : Duration.ofMillis(random.nextInt(20_000)));
        } else if (what < 95) {
            master.confirmWrites = random.nextBoolean();
            if (master.confirmWrites) {
                master.confirmAll();
            }
        } else if (what == 95) {
            failOver();
        } else if (what == 96 && !scheduler.stream.isEmpty() && random.nextInt(4) == 0) {
            master.call(scheduler.stream, MasterHarness.call(scheduler.id, Call.Type.TEARDOWN));
        } else if (what == 97 && !agent.link.isEmpty() && random.nextInt(4) == 0) {
            leave(agent);
        } else if (what == 98) {
            resend(agent);
        }
    }

    private void connect(FakeAgent agent) {
        if (!agent.link.isEmpty()) {
            return;
        }
        agent.link = "link" + names++;
        agent.read = 0;
        if (agent.id.isEmpty()) {
            master.spoke(
                    agent.link,
                    FromAgent.newBuilder()
                            .setRegister(io.paddock.proto.link.Register.newBuilder()
                                    .setAgent(MasterHarness.agentInfo(agent.host, TOTAL))
                                    .setVersion("1")
                                    .addAllCapabilities(MasterHarness.capabilities())));
        } else {
            Reregister.Builder again =
                    master.reregister(agent.host, TOTAL, agent.id).addAllTasks(agent.tasks.values());
            agent.tasks.values().stream()
                    .map(task -> task.getFrameworkId().getValue())
                    .distinct()
                    .forEach(id -> again.addFrameworks(MasterHarness.frameworkInfo("f", "web")
                            .setId(FrameworkID.newBuilder().setValue(id))));
            master.spoke(agent.link, FromAgent.newBuilder().setReregister(again));
        }
    }

    private void breakLink(FakeAgent agent) {
        if (!agent.link.isEmpty()) {
            master.feed(new MasterEvent.AgentLinkClosed(agent.link));
            agent.link = "";
        }
    }

    private void leave(FakeAgent agent) {
        master.spoke(agent.link, FromAgent.newBuilder().setLeaving(Leaving.getDefaultInstance()));
        agent.tasks.clear();
        agent.unacknowledged.clear();
        breakLink(agent);
        agent.id = "";
    }

    private void subscribe(FakeScheduler scheduler) {
        if (!scheduler.stream.isEmpty() && random.nextInt(4) != 0) {
            return;
        }
        var info = MasterHarness.frameworkInfo(scheduler.name, "web", "role-" + scheduler.name);
        if (!scheduler.id.isEmpty()) {
            info.setId(FrameworkID.newBuilder().setValue(scheduler.id));
        }
        lost(scheduler);
        scheduler.stream = "stream" + names++;
        scheduler.read = 0;
        master.subscribe(scheduler.stream, MasterHarness.subscribe(info.build()).build());
    }

    private static void lost(FakeScheduler scheduler) {
        scheduler.stream = "";
        scheduler.offers.clear();
        scheduler.toAcknowledge.clear();
    }

    private void answerOffer(FakeScheduler scheduler) {
        if (scheduler.offers.isEmpty() || scheduler.stream.isEmpty()) {
            return;
        }
        // Now and then an offer is forgotten, or answered though it was rescinded.
        Offer offer = scheduler.offers.remove(random.nextInt(scheduler.offers.size()));
        int how = random.nextInt(10);
        Filters.Builder filters = Filters.newBuilder().setRefuseSeconds(random.nextInt(3));
        if (how < 2) {
            master.call(
                    scheduler.stream,
                    MasterHarness.call(scheduler.id, Call.Type.DECLINE)
                            .setDecline(Call.Decline.newBuilder()
                                    .addOfferIds(offer.getId())
                                    .setFilters(filters)));
        } else if (how < 9) {
            Call.Accept.Builder accept =
                    Call.Accept.newBuilder().addOfferIds(offer.getId()).setFilters(filters);
            int count = random.nextInt(3);
            for (int i = 0; i < count; i++) {
                TaskInfo task = MasterHarness.task(
                                "t" + names++, offer, "cpus:" + (0.5 + random.nextInt(4)) + ";mem:64")
                        .build();
                accept.addOperations(MasterHarness.launch(task));
            }
            master.call(
                    scheduler.stream,
                    MasterHarness.call(scheduler.id, Call.Type.ACCEPT).setAccept(accept));
        }
    }

    private void runTask(FakeAgent agent) {
        if (agent.tasks.isEmpty()) {
            return;
        }
        List<String> ids = new ArrayList<>(agent.tasks.keySet());
        String id = ids.get(random.nextInt(ids.size()));
        Task task = agent.tasks.get(id);
        if (agent.unacknowledged.containsKey(id)) {
            return;
        }
        TaskState next = random.nextInt(3) == 0 ? ENDS[random.nextInt(ENDS.length)] : TaskState.TASK_RUNNING;
        report(agent, task.toBuilder().setState(next).build(), master.status(id, next));
    }

    private void report(FakeAgent agent, Task task, TaskStatus status) {
        agent.tasks.put(
                task.getTaskId().getValue(),
                task.toBuilder()
                        .setStatusUpdateState(status.getState())
                        .setStatusUpdateUuid(status.getUuid())
                        .build());
        agent.unacknowledged.put(task.getTaskId().getValue(), status);
        if (!agent.link.isEmpty()) {
            master.update(agent.link, task.getFrameworkId().getValue(), status);
        }
    }

    private void resend(FakeAgent agent) {
        for (Map.Entry<String, TaskStatus> update : List.copyOf(agent.unacknowledged.entrySet())) {
            Task task = agent.tasks.get(update.getKey());
            if (task != null && !agent.link.isEmpty()) {
                master.update(agent.link, task.getFrameworkId().getValue(), update.getValue());
            }
        }
    }

    private void acknowledge(FakeScheduler scheduler) {
        if (!scheduler.toAcknowledge.isEmpty() && !scheduler.stream.isEmpty()) {
            TaskStatus status = scheduler.toAcknowledge.remove(0);
            master.acknowledge(
                    scheduler.stream, scheduler.id, status.getAgentId().getValue(), status);
        }
    }

    private void kill(FakeScheduler scheduler) {
        master.snapshot().agents().stream()
                .flatMap(a -> a.tasks().stream())
                .filter(t -> t.getFrameworkId().getValue().equals(scheduler.id))
                .findAny()
                .ifPresent(t -> master.call(
                        scheduler.stream.isEmpty() ? "none" : scheduler.stream,
                        MasterHarness.call(scheduler.id, Call.Type.KILL)
                                .setKill(Call.Kill.newBuilder().setTaskId(t.getTaskId()))));
    }

    private void failOver() {
        master.failOver("m" + (100 + names++));
        agents.forEach(agent -> agent.link = "");
        schedulers.forEach(MasterInvariantsTest::lost);
        master.confirmWrites = true;
    }

    /** Agents and schedulers look at what they were sent; a part of the agents' frames is lost with the link. */
    private void receive(double lossRate) {
        for (FakeAgent agent : agents) {
            if (agent.link.isEmpty()) {
                continue;
            }
            if (master.closedLinks.contains(agent.link)) {
                breakLink(agent);
                continue;
            }
            List<ToAgent> sent = master.sent(agent.link);
            for (; agent.read < sent.size() && !agent.link.isEmpty(); agent.read++) {
                if (random.nextDouble() < lossRate) {
                    breakLink(agent);
                } else {
                    received(agent, sent.get(agent.read));
                }
            }
        }
        for (FakeScheduler scheduler : schedulers) {
            if (scheduler.stream.isEmpty()) {
                continue;
            }
            List<Event> events = master.events(scheduler.stream);
            for (; scheduler.read < events.size(); scheduler.read++) {
                received(scheduler, events.get(scheduler.read));
            }
            if (master.closedStreams.contains(scheduler.stream)) {
                master.feed(new MasterEvent.SchedulerStreamClosed(scheduler.stream));
                lost(scheduler);
            }
        }
    }

    private void received(FakeAgent agent, ToAgent message) {
        switch (message.getMessageCase()) {
            case REGISTERED:
                agent.id = message.getRegistered().getAgentId().getValue();
                break;
            case REFUSED:
            case SHUTDOWN:
                agent.tasks.clear();
                agent.unacknowledged.clear();
                agent.id = "";
                breakLink(agent);
                break;
            case RUN_TASKS:
                message.getRunTasks()
                        .getTasksList()
                        .forEach(task -> agent.tasks.put(
                                task.getTaskId().getValue(),
                                Task.newBuilder()
                                        .setName(task.getName())
                                        .setTaskId(task.getTaskId())
                                        .setAgentId(task.getAgentId())
                                        .setFrameworkId(message.getRunTasks()
                                                .getFramework()
                                                .getId())
                                        .setState(TaskState.TASK_STAGING)
                                        .addAllResources(task.getResourcesList())
                                        .build()));
                break;
            case KILL_TASK:
                Task killed = agent.tasks.get(message.getKillTask().getTaskId().getValue());
                if (killed != null && !TrackedTask.isTerminal(killed.getState())) {
                    report(
                            agent,
                            killed.toBuilder().setState(TaskState.TASK_KILLED).build(),
                            master.status(killed.getTaskId().getValue(), TaskState.TASK_KILLED));
                }
                break;
            case ACKNOWLEDGE:
                String id = message.getAcknowledge().getTaskId().getValue();
                TaskStatus waiting = agent.unacknowledged.get(id);
                if (waiting != null
                        && waiting.getUuid().equals(message.getAcknowledge().getUuid())) {
                    agent.unacknowledged.remove(id);
                    if (TrackedTask.isTerminal(waiting.getState())) {
                        agent.tasks.remove(id);
                    }
                }
                break;
            case SHUTDOWN_FRAMEWORK:
                String framework =
                        message.getShutdownFramework().getFrameworkId().getValue();
                agent.tasks.values().removeIf(task -> {
                    boolean ended = task.getFrameworkId().getValue().equals(framework);
                    if (ended) {
                        agent.unacknowledged.remove(task.getTaskId().getValue());
                    }
                    return ended;
                });
                break;
            case RECONCILE_TASKS:
                for (TaskID asked : message.getReconcileTasks().getTaskIdsList()) {
                    if (!agent.tasks.containsKey(asked.getValue())) {
                        master.update(
                                agent.link,
                                message.getReconcileTasks().getFrameworkId().getValue(),
                                master.status(asked.getValue(), TaskState.TASK_DROPPED).toBuilder()
                                        .clearUuid()
                                        .build());
                    }
                }
                break;
            default:
                break;
        }
    }

    private static void received(FakeScheduler scheduler, Event event) {
        switch (event.getType()) {
            case SUBSCRIBED:
                scheduler.id = event.getSubscribed().getFrameworkId().getValue();
                break;
            case OFFERS:
                scheduler.offers.addAll(event.getOffers().getOffersList());
                break;
            case RESCIND:
                scheduler.offers.removeIf(
                        o -> o.getId().equals(event.getRescind().getOfferId()));
                break;
            case UPDATE:
                if (event.getUpdate().getStatus().hasUuid()) {
                    scheduler.toAcknowledge.add(event.getUpdate().getStatus());
                }
                break;
            case ERROR:
                scheduler.id = event.getError().getMessage().contains("removed") ? "" : scheduler.id;
                break;
            default:
                break;
        }
    }

    private void check() {
        ClusterSnapshot snapshot = master.snapshot();
        Map<String, Resources> usedByFramework = new LinkedHashMap<>();
        Map<String, Resources> offeredByFramework = new LinkedHashMap<>();
        for (AgentView agent : snapshot.agents()) {
            Resources used = Resources.EMPTY;
            for (Task task : agent.tasks()) {
                if (!TrackedTask.isTerminal(task.getState())) {
                    Resources its = ResourceMessages.fromMessages(task.getResourcesList());
                    used = used.plus(its);
                    usedByFramework.merge(task.getFrameworkId().getValue(), its, Resources::plus);
                }
            }
            assertThat(agent.used()).as("used on %s", agent.id()).isEqualTo(used);
            Resources offered = Resources.EMPTY;
            for (OfferView offer : agent.offers()) {
                offered = offered.plus(offer.resources());
                offeredByFramework.merge(offer.frameworkId(), Holdings.scalars(offer.resources()), Resources::plus);
            }
            assertThat(agent.offered()).as("offered on %s", agent.id()).isEqualTo(offered);
            assertThat(agent.active() || agent.offers().isEmpty())
                    .as("no offers of inactive agent %s", agent.id())
                    .isTrue();
            Resources free = master.core().free(agent.id());
            assertThat(used.plus(offered).unallocated().plus(free))
                    .as("all of agent %s", agent.id())
                    .isEqualTo(agent.total());
        }
        operator.check(snapshot);
        for (FrameworkView framework : snapshot.frameworks()) {
            assertThat(framework.used())
                    .as("used by %s", framework.id())
                    .isEqualTo(usedByFramework.getOrDefault(framework.id(), Resources.EMPTY));
            assertThat(framework.offered())
                    .as("offered to %s", framework.id())
                    .isEqualTo(offeredByFramework.getOrDefault(framework.id(), Resources.EMPTY));
            assertThat(framework.connected() || framework.offered().isEmpty())
                    .as("no offers to disconnected %s", framework.id())
                    .isTrue();
        }
    }

    /** No more faults: all come back, all tasks end, and then nothing is held. */
    private void calmDown(long seed) {
        master.confirmAll();
        operator.undo();
        for (int round = 0; round < 30; round++) {
            agents.forEach(this::connect);
            schedulers.stream().filter(s -> s.stream.isEmpty()).forEach(this::subscribe);
            receive(0);
            for (FakeAgent agent : agents) {
                resend(agent);
                for (Task task : List.copyOf(agent.tasks.values())) {
                    if (!agent.unacknowledged.containsKey(task.getTaskId().getValue())) {
                        report(
                                agent,
                                task.toBuilder()
                                        .setState(TaskState.TASK_FINISHED)
                                        .build(),
                                master.status(task.getTaskId().getValue(), TaskState.TASK_FINISHED));
                    }
                }
            }
            receive(0);
            for (FakeScheduler scheduler : schedulers) {
                while (!scheduler.toAcknowledge.isEmpty()) {
                    acknowledge(scheduler);
                }
                scheduler.offers.clear();
            }
            receive(0);
            check();
            master.advance(Duration.ofMinutes(1));
        }
        for (AgentView agent : master.snapshot().agents()) {
            assertThat(agent.tasks())
                    .as("seed %d: tasks left on %s", seed, agent.id())
                    .isEmpty();
            assertThat(agent.used().isEmpty())
                    .as("seed %d: used on %s", seed, agent.id())
                    .isTrue();
        }
        assertThat(master.snapshot().agents()).as("seed %d", seed).hasSize(agents.size());
    }
}
