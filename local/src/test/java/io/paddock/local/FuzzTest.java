package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.local.FuzzRequests.Answer;
import io.paddock.local.FuzzRequests.Exchange;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mutated calls to every endpoint of a real master and a real agent: never a 5xx without cause, never a broken server, and nothing
 * changed by what was refused. {@code -Dpaddock.fuzz=N} sends N calls, {@code -Dpaddock.fuzz.seed=S} others than those
 * of every check.
 */
class FuzzTest {
    private static final int CALLS = Integer.getInteger("paddock.fuzz", 20_000);
    private static final long SEED = Long.getLong("paddock.fuzz.seed", 1);
    private static final int BATCH = 40;
    private static final Pattern LOG_ENTRY = Pattern.compile("^\\d\\d:\\d\\d:\\d\\d\\.\\d+ (\\w+)");
    /** What of a state changes by itself. */
    private static final Set<String> VOLATILE = Set.of(
            "offers",
            "offered_resources",
            "elapsed_time",
            "statistics",
            "timestamp",
            "unregistered_time",
            "reregistered_time");

    private static final String INFO =
            "{\"user\": \"root\", \"name\": \"bystander\", \"roles\": [\"fuzz\"], \"failover_timeout\": 3600,"
                    + " \"capabilities\": [{\"type\": \"MULTI_ROLE\"}, {\"type\": \"PARTITION_AWARE\"}]}";

    private final Random random = new Random(SEED);
    private final FuzzCalls calls = new FuzzCalls(random);
    private PaddockProcess masterProcess;
    private PaddockProcess agentProcess;
    private String master;
    private String agent;
    private String agentId;
    private SchedulerByHand bystander;
    private String offerId = "none";

    @BeforeEach
    void start(@TempDir Path directory) {
        List<Integer> ports = Ports.free(2);
        master = "http://127.0.0.1:" + ports.get(0);
        agent = "http://127.0.0.1:" + ports.get(1);
        masterProcess = PaddockProcess.start(
                "fuzz-master", "master", "--port", Integer.toString(ports.get(0)), "--offer-timeout", "10mins");
        agentProcess = PaddockProcess.start(
                "fuzz-agent",
                "agent",
                "--master",
                "127.0.0.1:" + ports.get(0),
                "--port",
                Integer.toString(ports.get(1)),
                "--work-dir",
                directory.resolve("agent").toString(),
                "--resources",
                "cpus:8;mem:2048;disk:2048;ports:[31000-31999]");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> Http.answers(master + "/state")
                        && Http.get(master + "/state")
                                        .json()
                                        .path("activated_slaves")
                                        .asInt()
                                == 1);
        agentId = Http.get(master + "/state").json().at("/slaves/0/id").asText();
    }

    @AfterEach
    void stop() {
        if (bystander != null) {
            bystander.close();
        }
        if (agentProcess.isAlive()) {
            killStandaloneContainers();
        }
        agentProcess.close();
        masterProcess.close();
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
        FuzzRequests requests = new FuzzRequests(random, calls, master, agent);
        Map<Integer, Integer> statuses = new TreeMap<>();
        List<String> wrong = new ArrayList<>();
        List<Exchange> refused = new ArrayList<>();
        int acquainted = -1;
        for (int i = 0; i < CALLS; i++) {
            if (acquainted < 0 || i - acquainted == BATCH) {
                getAcquainted(requests);
                acquainted = i;
            }
            Exchange exchange = requests.next();
            Answer answer = exchange.send();
            statuses.merge(answer.status(), 1, Integer::sum);
            if (answer.status() == 202 || answer.status() == 200 && exchange.isCall()) {
                acquainted = -1; // it may have been a TEARDOWN, or somebody else's SUBSCRIBE
            }
            if (isWrong(answer)) {
                wrong.add(answer + " to " + exchange);
            } else if (answer.status() >= 400) {
                refused.add(exchange);
            }
            if (refused.size() == BATCH) {
                changesNothing(refused, wrong);
                refused.clear();
            }
            assertThat(wrong.size()).as("%s", wrong).isLessThan(20);
        }
        System.out.println("statuses: " + statuses);
        assertThat(wrong).as("seed %d", SEED).isEmpty();
        assertThat(complaints(masterProcess)).as("seed %d", SEED).isEmpty();
        assertThat(complaints(agentProcess)).as("seed %d", SEED).isEmpty();
        anOrdinaryTaskRuns();
    }

    /** An answer of the server's own failure, or none; 501 and 503 have their reasons, and one 500 is what Mesos says. */
    private static boolean isWrong(Answer answer) {
        boolean failed = answer.status() >= 500 && answer.status() != 501 && answer.status() != 503;
        return answer.status() == 0
                || failed && !(answer.status() == 500 && answer.body().startsWith("Failed to remove container "));
    }

    /** Refused calls are sent again, and the state is the same before and after, unless one of them is accepted now. */
    private void changesNothing(List<Exchange> refused, List<String> wrong) {
        Map<String, JsonNode> before = settledState();
        for (Exchange exchange : refused) {
            if (exchange.send().status() < 400) {
                return;
            }
        }
        Map<String, JsonNode> after = state();
        before.forEach((url, state) -> {
            if (!state.equals(after.get(url))) {
                wrong.add(url + " was changed by one of " + refused + "\n from " + state + "\n to " + after.get(url));
            }
        });
    }

    /** Effects of calls accepted before may take a moment. */
    private Map<String, JsonNode> settledState() {
        List<Map<String, JsonNode>> last = new ArrayList<>(List.of(state()));
        await().atMost(Duration.ofSeconds(20))
                .pollDelay(Duration.ofMillis(30))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    last.add(state());
                    return last.get(last.size() - 1).equals(last.get(last.size() - 2));
                });
        return last.get(last.size() - 1);
    }

    private Map<String, JsonNode> state() {
        Map<String, JsonNode> states = new LinkedHashMap<>();
        for (String url : List.of(
                master + "/state",
                master + "/quota",
                master + "/weights",
                master + "/maintenance/schedule",
                agent + "/state",
                agent + "/flags")) {
            states.put(url, withoutVolatile(Http.get(url).json()));
        }
        return states;
    }

    private static JsonNode withoutVolatile(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove(VOLATILE);
            if (object.has("failover_timeout")) {
                object.remove("resources"); // of a framework: with what is offered to it
            }
            object.forEach(FuzzTest::withoutVolatile);
        } else if (node instanceof ArrayNode) {
            node.forEach(FuzzTest::withoutVolatile);
        }
        return node;
    }

    /** Puts back what an accepted call took away, and tells the calls what there is. */
    private void getAcquainted(FuzzRequests requests) {
        JsonNode frameworks = Http.get(master + "/state").json().path("frameworks");
        boolean there = false;
        for (JsonNode framework : frameworks) {
            there |= bystander != null
                    && framework.path("id").asText().equals(bystander.frameworkId())
                    && framework.path("active").asBoolean()
                    && framework.path("connected").asBoolean();
        }
        if (!there) {
            if (bystander != null) {
                bystander.close();
            }
            bystander = SchedulerByHand.subscribe(master, INFO);
        }
        requests.learnStream(bystander.streamId());
        Map<String, String> ids = new TreeMap<>(Map.of(
                "AgentID", agentId, "FrameworkID", bystander.frameworkId(), "TaskID", "task", "ExecutorID", "task"));
        bystander.events().stream()
                .map(event -> event.at("/offers/offers/0/id/value").asText())
                .filter(id -> !id.isEmpty())
                .reduce((first, second) -> second)
                .ifPresent(id -> offerId = id);
        ids.put("OfferID", offerId);
        calls.learn(ids);
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

    private void anOrdinaryTaskRuns() {
        for (JsonNode quota : Http.get(master + "/quota").json().path("infos")) {
            Http.delete(master + "/quota/" + quota.path("role").asText());
        }
        Http.post(master + "/maintenance/schedule", "{}");
        bystander.close();
        try (SchedulerByHand scheduler = SchedulerByHand.subscribe(
                master, INFO.replace("bystander", "ordinary").replace("fuzz", "ordinary"))) {
            JsonNode offer = scheduler.awaitOffer();
            String task = """
                    "accept": {"offer_ids": [%s], "operations": [{"type": "LAUNCH", "launch": {"task_infos": [{
                      "name": "t", "task_id": {"value": "t"}, "agent_id": %s, "command": {"value": "true"}, "resources": [
                        {"name": "cpus", "type": "SCALAR", "scalar": {"value": 0.1}, "allocation_info": {"role": "ordinary"}},
                        {"name": "mem", "type": "SCALAR", "scalar": {"value": 32}, "allocation_info": {"role": "ordinary"}}
                      ]}]}}]}""".formatted(offer.path("id"), offer.path("agent_id"));
            assertThat(scheduler.call("ACCEPT", task)).isEqualTo(202);
            scheduler.awaitUpdate("t", "TASK_FINISHED");
        }
    }
}
