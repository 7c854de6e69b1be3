package io.paddock.local;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.local.FuzzRequests.Answer;
import io.paddock.local.FuzzRequests.Exchange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;

/** The calls that were refused, which must have changed nothing. */
final class FuzzRefusals {
    private static final int ATTEMPTS = 12;
    private static final Set<String> MOVING = Set.of("TASK_STAGING", "TASK_STARTING", "TASK_KILLING");
    private static final Duration LONGEST_TO_SETTLE = Duration.ofSeconds(5);
    /** What of a state changes by itself. */
    private static final Set<String> VOLATILE = Set.of(
            "offers",
            "offered_resources",
            "elapsed_time",
            "statistics",
            "timestamp",
            "unregistered_time",
            "reregistered_time");

    private final FuzzWorld world;
    private final String master;
    private final String agent;
    private final Function<List<Exchange>, List<Answer>> send;
    private final List<Exchange> refused = new ArrayList<>();

    /** @param send sends calls at once and gives their answers in the same order */
    FuzzRefusals(FuzzWorld world, String master, String agent, Function<List<Exchange>, List<Answer>> send) {
        this.world = world;
        this.master = master;
        this.agent = agent;
        this.send = send;
    }

    void add(Exchange exchange) {
        refused.add(exchange);
    }

    int size() {
        return refused.size();
    }

    /**
     * They are sent again, and forgotten: the state is the same before and after; those that are accepted now do not count. As tasks
     * end and executors are given up meanwhile, a change has to be seen with every attempt; each sends them in the opposite order
     * of the one before, so that it is not what the last one left.
     *
     * @param wrong gets what was changed, and answers that are none
     */
    void changeNothing(List<String> wrong) {
        List<Exchange> left = new ArrayList<>(refused);
        refused.clear();
        String change = "";
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Collections.reverse(left);
            Map<String, JsonNode> before = settledState(attempt > 0);
            List<Answer> answers = send.apply(left);
            answers.stream()
                    .filter(Answer::isWrong)
                    .forEach(answer -> wrong.add(answer + " to a call that is repeated"));
            change = FuzzBalance.difference(before, state());
            if (change.isEmpty()) {
                return;
            }
            List<Exchange> again = new ArrayList<>();
            for (int i = 0; i < left.size(); i++) {
                if (answers.get(i).status() >= 400) {
                    again.add(left.get(i));
                }
            }
            if (again.size() < left.size()) {
                left = again;
                world.catchUp();
                attempt--;
            }
        }
        wrong.add(change + " by one of " + left.stream().map(Exchange::toString).collect(Collectors.joining("\n  ")));
    }

    /** Effects of calls accepted before may take a moment; of a state that never rests the last is taken. */
    private Map<String, JsonNode> settledState(boolean nothingMoves) {
        List<Map<String, JsonNode>> last = new ArrayList<>(List.of(state()));
        try {
            await().atMost(LONGEST_TO_SETTLE)
                    .pollDelay(Duration.ofMillis(30))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> {
                        world.catchUp();
                        world.acknowledgeAll();
                        world.hasExecutor();
                        last.add(state());
                        Map<String, JsonNode> now = last.get(last.size() - 1);
                        return now.equals(last.get(last.size() - 2)) && !(nothingMoves && moves(now));
                    });
        } catch (ConditionTimeoutException e) {
            world.catchUp();
        }
        return last.get(last.size() - 1);
    }

    /** Whether a task is on its way to another state. */
    private boolean moves(Map<String, JsonNode> state) {
        for (JsonNode framework : state.get(master + "/state").path("frameworks")) {
            for (JsonNode task : framework.path("tasks")) {
                if (MOVING.contains(task.path("state").asText())) {
                    return true;
                }
            }
        }
        return false;
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
            object.forEach(FuzzRefusals::withoutVolatile);
        } else if (node instanceof ArrayNode) {
            node.forEach(FuzzRefusals::withoutVolatile);
        }
        return node;
    }
}
