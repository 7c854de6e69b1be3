package io.paddock.cli;

import io.paddock.client.CallRefusedException;
import io.paddock.client.MasterLocator;
import io.paddock.client.Scheduler;
import io.paddock.client.SchedulerDriver;
import io.paddock.client.core.OfferRoom;
import io.paddock.client.core.TaskSpec;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.URL;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Launches one task on the first offer that has room, and remembers what it hears. Read by any thread. */
final class RunScheduler implements Scheduler {
    private static final int OFFERS_REMEMBERED = 20;
    private static final Set<TaskState> STARTED = EnumSet.of(TaskState.TASK_RUNNING, TaskState.TASK_FINISHED);
    /** How the client names the answer of a master that does not lead. */
    private static final String NOBODY_LEADS = "SUBSCRIBE was answered 503";

    /**
     * Where the task is.
     *
     * @param frameworkId the framework that it belongs to
     * @param taskId its id, and that of its executor
     * @param agentAddress {@code host:port}, {@code https://host:port} where it speaks HTTPS
     */
    record Place(String frameworkId, String taskId, String agentAddress) {}

    private final TaskSpec spec;
    private final Runnable heard;
    private final int masters;
    private final Duration leaderTimeout;
    private final Consumer<String> withoutLeader;
    private final Map<String, String> missing = new LinkedHashMap<>(); // guarded by itself
    private volatile @Nullable Place place;
    private volatile @Nullable AgentID agent;
    private volatile @Nullable String trouble;
    private volatile TaskStatus status;
    private volatile boolean started;
    private long leaderBy; // once nobodyLed; of the driver's thread, as that
    private boolean nobodyLed;
    private int inVain; // tries in a row, of the driver's thread, too

    /**
     * @param heard run after everything that a watcher may want to look at
     * @param masters how many are tried in turn
     * @param leaderTimeout how long to wait for a master that leads, from when it is known that none does
     * @param withoutLeader told each time that there is none yet
     */
    RunScheduler(TaskSpec spec, Runnable heard, int masters, Duration leaderTimeout, Consumer<String> withoutLeader) {
        this.spec = spec;
        this.heard = heard;
        this.masters = masters;
        this.leaderTimeout = leaderTimeout;
        this.withoutLeader = withoutLeader;
        this.status = TaskStatus.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue(spec.id()))
                .setState(TaskState.TASK_STAGING)
                .build();
    }

    String taskId() {
        return spec.id();
    }

    /** The task's last status; STAGING until there is one. */
    TaskStatus status() {
        return status;
    }

    /** Where it was launched; null until it was. */
    @Nullable
    Place place() {
        return place;
    }

    /** Why this cannot go on; null while it can. */
    @Nullable
    String trouble() {
        return trouble;
    }

    /** What the offers so far had too little of, by hostname. */
    Map<String, String> missing() {
        synchronized (missing) {
            return new LinkedHashMap<>(missing);
        }
    }

    boolean isOver() {
        return switch (status.getState()) {
            case TASK_STAGING, TASK_STARTING, TASK_RUNNING, TASK_KILLING, TASK_UNREACHABLE, TASK_UNKNOWN -> false;
            case TASK_FINISHED,
                    TASK_FAILED,
                    TASK_KILLED,
                    TASK_ERROR,
                    TASK_LOST,
                    TASK_DROPPED,
                    TASK_GONE,
                    TASK_GONE_BY_OPERATOR -> true;
        };
    }

    /** Whether it ended by itself; otherwise, as when its launch was lost, it may never have been on its agent. */
    boolean hasRun() {
        return status.getState() == TaskState.TASK_FINISHED || status.getState() == TaskState.TASK_FAILED;
    }

    /** Whether it has begun, also if it is over by now. */
    boolean hasStarted() {
        return started;
    }

    void kill(SchedulerDriver driver) {
        if (place != null) {
            driver.kill(TaskID.newBuilder().setValue(spec.id()).build(), agent, null);
        }
    }

    @Override
    public void offers(SchedulerDriver driver, List<Offer> offers) {
        for (Offer offer : offers) {
            OfferRoom room = OfferRoom.of(offer);
            Optional<String> lacks = room.missing(spec);
            if (place == null && lacks.isEmpty()) {
                room.add(spec);
                agent = offer.getAgentId();
                place = new Place(offer.getFrameworkId().getValue(), spec.id(), address(offer.getUrl()));
                driver.launch(room);
                driver.suppress();
            } else {
                remember(offer.getHostname(), lacks.orElse(""));
            }
        }
        heard.run();
    }

    private static String address(URL agent) {
        String address =
                agent.getAddress().getHostname() + ":" + agent.getAddress().getPort();
        return agent.getScheme().equals("https") ? "https://" + address : address;
    }

    private void remember(String hostname, String lacks) {
        synchronized (missing) {
            if (missing.size() < OFFERS_REMEMBERED) {
                missing.put(hostname, lacks);
            }
        }
    }

    @Override
    public void update(SchedulerDriver driver, TaskStatus newStatus) {
        if (newStatus.getState() == TaskState.TASK_DROPPED
                && newStatus.getReason() == TaskStatus.Reason.REASON_INVALID_OFFERS) {
            place = null; // the offer was gone before our call arrived: wait for the next
            driver.revive();
        } else {
            started |= STARTED.contains(newStatus.getState());
            status = newStatus;
        }
        heard.run();
    }

    @Override
    public void disconnected(SchedulerDriver driver, String reason, Duration retryAfter) {
        if (driver.frameworkId() != null) {
            return;
        }
        boolean nobodyLeads = reason.startsWith(NOBODY_LEADS) || reason.startsWith(MasterLocator.NOBODY_LEADS);
        if (nobodyLeads && !nobodyLed) {
            nobodyLed = true;
            leaderBy = System.nanoTime() + leaderTimeout.toNanos();
        }
        if (nobodyLeads && System.nanoTime() < leaderBy) {
            inVain = 0;
            withoutLeader.accept(reason);
        } else if (nobodyLeads || ++inVain >= masters) {
            trouble = reason;
            heard.run();
        }
    }

    @Override
    public void refused(SchedulerDriver driver, Call call, CallRefusedException why) {
        boolean inDoubt = why.status() == 0 || why.endsSubscription(); // reconciliation tells what became of it
        if (call.getType() == Call.Type.ACCEPT && !inDoubt) {
            trouble = why.getMessage();
            heard.run();
        }
    }

    @Override
    public void error(SchedulerDriver driver, String message) {
        trouble = message;
        heard.run();
    }
}
