package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.paddock.common.resources.Resources;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;

/** What a cluster is good for after the calls of a fuzz test, when all its frameworks have gone. */
final class FuzzAftermath {
    private final String master;
    private final Resources total;
    private final long seed;

    /** @param total what the agent has */
    FuzzAftermath(String master, Resources total, long seed) {
        this.master = master;
        this.total = total;
        this.seed = seed;
    }

    /** With quotas, maintenance and frameworks gone everything is offered to a new framework that may have it. */
    void everythingComesBack() {
        for (JsonNode quota : Http.get(master + "/quota").json().path("infos")) {
            Http.delete(master + path("/quota/" + quota.path("role").asText()));
        }
        Http.post(master + "/maintenance/schedule", "{}");
        for (JsonNode framework : Http.get(master + "/frameworks").json().path("frameworks")) {
            Http.post(
                    master + "/api/v1",
                    "{\"type\":\"TEARDOWN\",\"teardown\":{\"framework_id\":{\"value\":" + framework.path("id") + "}}}");
        }
        TreeSet<String> roles = new TreeSet<>(Set.of("ordinary"));
        Http.get(master + "/slaves")
                .json()
                .at("/slaves/0/reserved_resources")
                .fieldNames()
                .forEachRemaining(roles::add);
        String all =
                roles.stream().map(role -> TextNode.valueOf(role).toString()).collect(Collectors.joining(","));
        try (SchedulerByHand heir = SchedulerByHand.subscribe(
                master,
                "{\"user\": \"root\", \"name\": \"heir\", \"roles\": [" + all
                        + "], \"capabilities\": [{\"type\": \"MULTI_ROLE\"},"
                        + " {\"type\": \"RESERVATION_REFINEMENT\"}, {\"type\": \"SHARED_RESOURCES\"}]}")) {
            List<Resources> last = new ArrayList<>();
            try {
                await().atMost(Duration.ofSeconds(30)).until(() -> {
                    last.add(FuzzBalance.offered(heir.events()));
                    return isAll(last.get(last.size() - 1));
                });
            } catch (ConditionTimeoutException e) {
                assertThat(last.get(last.size() - 1))
                        .as(
                                "what is offered in the end, seed %d; %s; %s",
                                seed,
                                Http.get(master + "/quota").json(),
                                Http.get(master + "/slaves").json())
                        .isEqualTo(total);
            }
        }
    }

    private static String path(String plain) {
        try {
            return new URI(null, null, plain, null).getRawPath();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Reserved disk is not offered to a role for which there is nothing else: it is less than the least that is offered. */
    private boolean isAll(Resources offered) {
        double reservedDisk = 0;
        for (JsonNode role : Http.get(master + "/slaves").json().at("/slaves/0/reserved_resources")) {
            reservedDisk += role.path("disk").asDouble();
        }
        Resources missing = total.minus(offered);
        boolean onlyDisk = missing.equals(Resources.scalar("disk", missing.scalar("disk")));
        return total.contains(offered) && onlyDisk && missing.scalar("disk") <= reservedDisk;
    }

    void anOrdinaryTaskRuns() {
        try (SchedulerByHand scheduler = SchedulerByHand.subscribe(
                master,
                "{\"user\": \"root\", \"name\": \"ordinary\", \"roles\": [\"ordinary\"], \"capabilities\": [{\"type\": \"MULTI_ROLE\"}]}")) {
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
