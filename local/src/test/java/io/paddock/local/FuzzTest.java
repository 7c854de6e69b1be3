package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.common.resources.Resources;
import io.paddock.local.FuzzRequests.Answer;
import io.paddock.local.FuzzRequests.Exchange;
import io.paddock.local.FuzzRequests.Sent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.MachineID;
import io.paddock.proto.v1.scheduler.Call;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mutated calls to every endpoint of a real master and a real agent: never a 5xx without cause, never a broken server, and nothing
 * changed by what was refused. A quarter of the calls is good as things stand but for none, one or two changes.
 * {@code -Dpaddock.fuzz=N} sends N calls, {@code -Dpaddock.fuzz.seed=S} others than those of every check.
 */
class FuzzTest {
    private static final int CALLS = Integer.getInteger("paddock.fuzz", 20_000);
    private static final long SEED = Long.getLong("paddock.fuzz.seed", 2);
    private static final String TOTAL = "cpus:8;mem:2048;disk:2048;ports:[31000-31999]";
    /** Refused calls that are sent again together. */
    private static final int BATCH = 400;

    private static final int CALLS_TO_LOOK_AROUND = 200;
    /** Calls that know names at most, sent at once, and then calls that are good as things stand, or nearly so, one by one. */
    private static final int RANDOM_OF_A_ROUND = 6;

    private static final int LIVE_OF_A_ROUND = 2;
    private static final int SENT_AT_ONCE = 8;

    /** After so many calls all that was promised must have come true, and the sums must be right. */
    private static final int CALLS_TO_BALANCE = 2_000;

    private static final int CALLS_OF_EVERY_CHECK = 20_000;
    private static final int POLLS_TO_OBEY = 40;
    private static final Pattern LOG_ENTRY = Pattern.compile("^\\d\\d:\\d\\d:\\d\\d\\.\\d+ (\\w+)");

    private final Random random = new Random(SEED);
    private final FuzzCalls calls = new FuzzCalls(random);
    private final ExecutorService senders = Executors.newFixedThreadPool(SENT_AT_ONCE);
    private final FuzzCoverage coverage = new FuzzCoverage();
    private final List<String> wrong = new ArrayList<>();
    private PaddockProcess masterProcess;
    private PaddockProcess agentProcess;
    private String master;
    private String agent;
    private FuzzWorld world;
    private FuzzRefusals refusals;
    private FuzzGoodOperators operators;

    @BeforeEach
    void start(@TempDir Path directory) {
        List<Integer> ports = Ports.free(2);
        master = "http://127.0.0.1:" + ports.get(0);
        agent = "http://127.0.0.1:" + ports.get(1);
        masterProcess = PaddockProcess.start(
                "fuzz-master",
                "master",
                "--port",
                Integer.toString(ports.get(0)),
                "--offer-timeout",
                "10mins",
                "--max-completed-frameworks",
                "3",
                "--max-completed-tasks-per-framework",
                "20",
                "--log-dir",
                directory.resolve("master-log").toString());
        agentProcess = PaddockProcess.start(
                "fuzz-agent",
                "agent",
                "--master",
                "127.0.0.1:" + ports.get(0),
                "--port",
                Integer.toString(ports.get(1)),
                "--work-dir",
                directory.resolve("agent").toString(),
                "--executor-registration-timeout",
                "2secs",
                "--resources",
                TOTAL);
        await().atMost(Duration.ofSeconds(180))
                .until(() -> Http.answers(master + "/state")
                        && Http.get(master + "/state")
                                        .json()
                                        .path("activated_slaves")
                                        .asInt()
                                == 1);
        String agentId = Http.get(master + "/state").json().at("/slaves/0/id").asText();
        world = new FuzzWorld(
                master, agent, AgentID.newBuilder().setValue(agentId).build());
        refusals = new FuzzRefusals(world, master, agent, this::send);
        operators = new FuzzGoodOperators(random, world);
    }

    @AfterEach
    void stop() {
        senders.shutdownNow();
        try (PaddockProcess lastOfAll = masterProcess;
                PaddockProcess afterItsContainers = agentProcess;
                FuzzWorld first = world) {
            if (agentProcess != null && agentProcess.isAlive()) {
                killStandaloneContainers();
            }
        }
    }

    /** They outlive their agent. */
    private void killStandaloneContainers() {
        String list = "{\"type\":\"GET_CONTAINERS\",\"get_containers\":{\"show_standalone\":true}}";
        for (JsonNode container : Http.post(agent + "/api/v1", list).json().at("/get_containers/containers")) {
            Http.post(
                    agent + "/api/v1",
                    "{\"type\":\"KILL_CONTAINER\",\"kill_container\":{\"signal\":9,\"container_id\":"
                            + container.path("container_id") + "}}");
        }
    }

    @Test
    void mutatedCallsAreAnsweredAndWhatIsRefusedChangesNothing() throws IOException {
        System.out.printf("%d calls, seed %d: -Dpaddock.fuzz=%d -Dpaddock.fuzz.seed=%d%n", CALLS, SEED, CALLS, SEED);
        long began = System.nanoTime();
        FuzzRequests requests = new FuzzRequests(random, calls, master, agent);
        FuzzLiveRequests live = new FuzzLiveRequests(random, world, calls, operators, master, agent);
        FuzzPromises promises = new FuzzPromises(world, coverage);
        int made = 0;
        int acquaintedAt = 0;
        int balanceAt = CALLS_TO_BALANCE;
        while (made < CALLS) {
            if (made >= acquaintedAt) {
                getAcquainted();
                acquaintedAt += CALLS_TO_LOOK_AROUND;
            }
            world.catchUp();
            requests.learnStream(world.streamId());
            List<Exchange> round = new ArrayList<>();
            for (int i = 0; i < RANDOM_OF_A_ROUND; i++) {
                round.add(requests.next());
            }
            List<Answer> answers = send(round);
            for (int i = 0; i < round.size(); i++) {
                judge(round.get(i), answers.get(i), promises);
            }
            for (int i = 0; i < LIVE_OF_A_ROUND; i++) {
                Exchange exchange = live.next();
                judge(exchange, exchange.send(), promises);
            }
            made += RANDOM_OF_A_ROUND + LIVE_OF_A_ROUND;
            if (refusals.size() >= BATCH) {
                refusals.changeNothing(wrong);
            }
            if (made >= balanceAt) {
                balance(promises);
                balanceAt += CALLS_TO_BALANCE;
                System.out.printf(
                        "%d calls after %d s%n",
                        made, Duration.ofNanos(System.nanoTime() - began).toSeconds());
            }
            assertThat(wrong.size()).as("%s", wrong).isLessThan(20);
        }
        refusals.changeNothing(wrong);
        reactivateIfNeeded();
        balance(promises);
        System.out.printf(
                "%d calls in %d s, accepted and refused%n%s%n",
                made, Duration.ofNanos(System.nanoTime() - began).toSeconds(), coverage);
        assertThat(wrong).as("seed %d", SEED).isEmpty();
        assertThat(complaints(masterProcess)).as("seed %d", SEED).isEmpty();
        assertThat(complaints(agentProcess)).as("seed %d", SEED).isEmpty();
        assertThat(coverage.shortOf((double) made / CALLS_OF_EVERY_CHECK))
                .as("seed %d", SEED)
                .isEmpty();
        world.close();
        FuzzAftermath aftermath = new FuzzAftermath(master, Resources.parse(TOTAL), SEED);
        aftermath.everythingComesBack();
        aftermath.anOrdinaryTaskRuns();
    }

    /** Sends them all at once, and gives their answers in the same order. */
    private List<Answer> send(List<Exchange> exchanges) {
        List<CompletableFuture<Answer>> answers = exchanges.stream()
                .map(exchange -> CompletableFuture.supplyAsync(exchange::send, senders))
                .toList();
        return answers.stream().map(CompletableFuture::join).toList();
    }

    private void judge(Exchange exchange, Answer answer, FuzzPromises promises) {
        coverage.count(exchange.sent(), answer);
        if (answer.isWrong()) {
            wrong.add(answer + " to " + exchange);
        } else if (answer.status() >= 400) {
            refusals.add(exchange);
        } else {
            follow(exchange.sent(), promises);
        }
    }

    /** What an accepted call leads to. */
    private void follow(Sent sent, FuzzPromises promises) {
        boolean puts = sent.type().equals("DRAIN_AGENT") || sent.type().equals("DEACTIVATE_AGENT");
        if (puts && sent.api().equals("master")) {
            reactivate();
        }
        if (sent.message() instanceof Call call && sent.changes() >= 0) {
            if (call.getType() == Call.Type.ACCEPT) {
                promises.accepted(call, sent.changes() == 0);
            }
            world.used(call);
        } else if (sent.message() instanceof io.paddock.proto.v1.agent.Call call && sent.changes() >= 0) {
            operators.accepted(call);
        }
    }

    /**
     * An agent that drains takes no calls until its tasks have ended. That of an executor whose stream a call took away when it was
     * told to kill it would never end.
     */
    private void reactivate() {
        String call = "{\"type\":\"REACTIVATE_AGENT\",\"reactivate_agent\":{\"agent_id\":{\"value\":\""
                + world.agentId().getValue() + "\"}}}";
        AtomicInteger polls = new AtomicInteger();
        AtomicReference<String> answer = new AtomicReference<>();
        try {
            await().atMost(Duration.ofSeconds(60))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        world.catchUp();
                        world.acknowledgeAll();
                        if (polls.incrementAndGet() % POLLS_TO_OBEY == 0) {
                            world.shutDownExecutor();
                        }
                        answer.set(Http.post(master + "/api/v1", call).body());
                        JsonNode slave = Http.get(master + "/slaves").json().at("/slaves/0");
                        return !slave.path("deactivated").asBoolean() && !slave.has("drain_info");
                    });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    "the agent stays drained; REACTIVATE_AGENT: %s; %s; %s; %s"
                            .formatted(
                                    answer.get(),
                                    Http.get(master + "/slaves").body(),
                                    Http.get(master + "/tasks").body(),
                                    Http.get(agent + "/state").body()),
                    e);
        }
    }

    /** All that was accepted has come true, and nothing of the agent is missing or there twice. */
    private void balance(FuzzPromises promises) {
        promises.check(wrong);
        List<List<String>> last = new ArrayList<>();
        try {
            await().atMost(Duration.ofSeconds(20))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        world.catchUp();
                        world.acknowledgeAll();
                        last.add(FuzzBalance.problems(master, agent));
                        return last.get(last.size() - 1).isEmpty();
                    });
        } catch (ConditionTimeoutException e) {
            wrong.addAll(last.get(last.size() - 1));
        }
    }

    /** A call that was refused before may have been accepted when it was repeated. */
    private JsonNode reactivateIfNeeded() {
        JsonNode slave = Http.get(master + "/slaves").json().at("/slaves/0");
        if (!slave.path("active").asBoolean() || slave.path("deactivated").asBoolean()) {
            reactivate();
        }
        return slave;
    }

    /** Tells the calls what there is. */
    private void getAcquainted() {
        world.catchUp();
        calls.learn(new TreeMap<>(Map.of(
                "AgentID",
                world.agentId().getValue(),
                "FrameworkID",
                world.frameworkId().getValue(),
                "TaskID",
                world.alive().stream()
                        .findFirst()
                        .map(status -> status.getTaskId().getValue())
                        .orElse("task"),
                "ExecutorID",
                FuzzWorld.EXECUTOR,
                "OfferID",
                world.offers().stream()
                        .findFirst()
                        .map(offer -> offer.getId().getValue())
                        .orElse("none"))));
        JsonNode slave = reactivateIfNeeded();
        operators.learn(
                MachineID.newBuilder()
                        .setHostname(slave.path("hostname").asText())
                        .setIp("127.0.0.1")
                        .build(),
                Http.get(agent + "/state").json(),
                Http.get(master + "/maintenance/status").json());
    }

    /** Errors and stack traces, except what is told for debugging. */
    private static List<String> complaints(PaddockProcess process) {
        List<String> complaints = new ArrayList<>();
        String level = "";
        for (String line : process.output().lines().toList()) {
            Matcher entry = LOG_ENTRY.matcher(line);
            level = entry.find() ? entry.group(1) : level;
            boolean trace = line.startsWith("\tat ") || line.contains("Exception: ");
            if (level.equals("ERROR") || trace && !level.equals("DEBUG")) {
                complaints.add(line);
            }
        }
        return complaints;
    }
}
