package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The status of an operation outlives the agent that gave it and the master that was to pass it on, until it is acknowledged. */
class OperationsSurviveTest {
    private static final String INFO = "{\"user\": \"root\", \"name\": \"operations\", \"roles\": [\"ops\"],"
            + " \"failover_timeout\": 600, \"capabilities\": [{\"type\": \"MULTI_ROLE\"},"
            + " {\"type\": \"RESERVATION_REFINEMENT\"}]%s}";

    @TempDir
    Path directory;

    private final List<Integer> ports = Ports.free(2);
    private final String masterUrl = "http://127.0.0.1:" + ports.get(0);
    private final String agentUrl = "http://127.0.0.1:" + ports.get(1);
    private PaddockProcess master;
    private PaddockProcess agent;

    @AfterEach
    void stop() {
        if (agent != null) {
            agent.close();
        }
        if (master != null) {
            master.close();
        }
    }

    private void startMaster() {
        master = PaddockProcess.start("operations-master", "master", "--port", Integer.toString(ports.get(0)));
    }

    private void startAgent() {
        agent = PaddockProcess.start(
                "operations-agent",
                "agent",
                "--master",
                "127.0.0.1:" + ports.get(0),
                "--port",
                Integer.toString(ports.get(1)),
                "--work-dir",
                directory.toString(),
                "--resources",
                "cpus:2;mem:512;disk:512");
    }

    private static JsonNode status(SchedulerByHand scheduler) {
        return scheduler.awaitEvent("UPDATE_OPERATION_STATUS", event -> true).at("/update_operation_status/status");
    }

    private static int operations(String url) {
        return Http.post(url + "/api/v1", "{\"type\": \"GET_OPERATIONS\"}")
                .json()
                .at("/get_operations/operations")
                .size();
    }

    @Test
    void aReservationIsToldUntilItIsAcknowledged() {
        startMaster();
        startAgent();
        await().atMost(Duration.ofSeconds(60)).until(() -> Http.answers(masterUrl + "/slaves"));
        JsonNode told;
        String id;
        try (SchedulerByHand first = SchedulerByHand.subscribe(masterUrl, INFO.formatted(""))) {
            id = first.frameworkId();
            JsonNode offer = first.awaitOffer();
            String cpus = "{\"name\": \"cpus\", \"type\": \"SCALAR\", \"scalar\": {\"value\": 0.5},"
                    + " \"reservations\": [{\"type\": \"DYNAMIC\", \"role\": \"ops\"}]}";
            assertThat(first.call(
                            "ACCEPT",
                            ("\"accept\": {\"offer_ids\": [%s], \"operations\": [{\"type\": \"RESERVE\","
                                            + " \"id\": {\"value\": \"op-1\"}, \"reserve\": {\"resources\": [%s]}}]}")
                                    .formatted(offer.path("id"), cpus)))
                    .isEqualTo(202);
            told = status(first);
            assertThat(told.path("state").asText()).isEqualTo("OPERATION_FINISHED");
            assertThat(told.at("/operation_id/value").asText()).isEqualTo("op-1");
            assertThat(told.at("/uuid/value").asText()).isNotEmpty();

            agent.kill();
            startAgent();
            assertThat(status(first)).as("the agent's restart").isEqualTo(told);
        }
        master.kill();
        startMaster();
        await().atMost(Duration.ofSeconds(60)).until(() -> Http.answers(masterUrl + "/slaves"));
        try (SchedulerByHand second =
                SchedulerByHand.resubscribe(masterUrl, INFO.formatted(", \"id\": {\"value\": \"" + id + "\"}"), id)) {
            assertThat(status(second)).as("another master").isEqualTo(told);
            assertThat(operations(masterUrl)).isEqualTo(1);
            assertThat(operations(agentUrl)).isEqualTo(1);
            assertThat(second.call(
                            "ACKNOWLEDGE_OPERATION_STATUS",
                            ("\"acknowledge_operation_status\": {\"agent_id\": %s, \"uuid\": %s,"
                                            + " \"operation_id\": {\"value\": \"op-1\"}}")
                                    .formatted(told.path("agent_id"), told.at("/uuid/value"))))
                    .isEqualTo(202);
            await().atMost(Duration.ofSeconds(10)).until(() -> operations(masterUrl) == 0 && operations(agentUrl) == 0);

            agent.kill();
            startAgent();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> Http.get(masterUrl + "/slaves")
                                    .json()
                                    .at("/slaves/0/reserved_resources/ops/cpus")
                                    .asDouble()
                            == 0.5);
            await().atMost(Duration.ofSeconds(60)).until(() -> Http.answers(agentUrl + "/health"));
            assertThat(operations(agentUrl)).isZero();
            second.call("TEARDOWN", "");
        }
    }
}
