package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.Offer;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reservations and volumes by the forms of before the operator API, as {@code curl} and the old tools send them. */
class LegacyWritesTest {
    private static final String CPUS = "[{\"name\":\"cpus\",\"type\":\"SCALAR\",\"scalar\":{\"value\":2},"
            + "\"reservations\":[{\"type\":\"DYNAMIC\",\"role\":\"ops\",\"principal\":\"me\"}]}]";
    private static final String DISK = "[{\"name\":\"disk\",\"type\":\"SCALAR\",\"scalar\":{\"value\":512},"
            + "\"reservations\":[{\"type\":\"DYNAMIC\",\"role\":\"ops\",\"principal\":\"me\"}]}]";
    private static final String VOLUME = DISK.replace(
            "}]}]",
            "}],\"disk\":{\"persistence\":{\"id\":\"v1\",\"principal\":\"me\"},"
                    + "\"volume\":{\"mode\":\"RW\",\"container_path\":\"data\"}}}]");

    private static ActorSystem<Void> system;
    private static HttpClient client;
    private MasterServer master;
    private ScriptedAgent agent;
    private ScriptedOperator operator;
    private String agentId;

    @BeforeAll
    static void startSystem() {
        system = ActorSystem.create(Behaviors.empty(), "legacy-writes-test");
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterAll
    static void stopSystem() {
        system.terminate();
    }

    @BeforeEach
    void startMaster() throws Exception {
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        master = MasterServer.start(system, options).toCompletableFuture().get();
        await().until(() -> master.leadership().leading().isPresent());
        agent = ScriptedAgent.connect(client, master.port());
        agent.register("cpus:4;mem:1024;disk:1024");
        await().until(() -> !agent.received(ToAgent.MessageCase.REGISTERED).isEmpty());
        agentId = agent.received(ToAgent.MessageCase.REGISTERED)
                .get(0)
                .getRegistered()
                .getAgentId()
                .getValue();
        operator = new ScriptedOperator(client, master.port(), WireFormat.JSON);
    }

    @AfterEach
    void stopMaster() {
        agent.close();
        master.close();
    }

    private HttpResponse<String> post(String path, String... fields) {
        StringBuilder form = new StringBuilder();
        for (int i = 0; i < fields.length; i += 2) {
            form.append(i == 0 ? "" : "&")
                    .append(fields[i])
                    .append('=')
                    .append(URLEncoder.encode(fields[i + 1], StandardCharsets.UTF_8));
        }
        return operator.curl("POST", path, form.toString());
    }

    private static void assertAnswer(HttpResponse<String> response, int status, String text) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.body()).contains(text);
    }

    private double reserved(String resource) {
        JsonNode slave = operator.get("/slaves").path("slaves").path(0);
        return slave.path("reserved_resources").path("ops").path(resource).asDouble(0);
    }

    @Test
    void resourcesAreReservedAndUnreserved() {
        assertAnswer(post("/reserve", "slaveId", agentId, "resources", CPUS), 202, "");
        assertThat(reserved("cpus")).isEqualTo(2);
        await().until(() -> agent.received(ToAgent.MessageCase.APPLY_OPERATION).size() == 1);
        assertThat(agent.received(ToAgent.MessageCase.APPLY_OPERATION)
                        .get(0)
                        .getApplyOperation()
                        .getInfo()
                        .getType())
                .isEqualTo(Offer.Operation.Type.RESERVE);
        assertAnswer(post("/master/unreserve", "slaveId", agentId, "resources", CPUS), 202, "");
        assertThat(reserved("cpus")).isZero();
        assertAnswer(post("/unreserve", "slaveId", agentId, "resources", CPUS), 409, "is needed");
    }

    @Test
    void aReservationIsMovedFromItsSource() {
        assertAnswer(post("/reserve", "slaveId", agentId, "resources", CPUS), 202, "");
        String moved = CPUS.replace("\"ops\"", "\"dev\"");
        assertAnswer(post("/reserve", "slaveId", agentId, "source", CPUS, "resources", moved), 202, "");
        assertThat(reserved("cpus")).isZero();
        JsonNode slave = operator.get("/slaves").path("slaves").path(0);
        assertThat(slave.at("/reserved_resources/dev/cpus").doubleValue()).isEqualTo(2);
    }

    @Test
    void volumesAreCreatedAndDestroyed() {
        assertAnswer(post("/reserve", "slaveId", agentId, "resources", DISK), 202, "");
        assertAnswer(post("/create-volumes", "slaveId", agentId, "volumes", VOLUME), 202, "");
        JsonNode full = operator.get("/slaves").at("/slaves/0/reserved_resources_full/ops");
        assertThat(full.findPath("persistence").path("id").textValue()).isEqualTo("v1");
        assertAnswer(post("/destroy-volumes", "slaveId", agentId, "volumes", VOLUME), 202, "");
        assertThat(operator.get("/slaves").findPath("persistence").isMissingNode())
                .isTrue();
        await().until(() -> agent.received(ToAgent.MessageCase.APPLY_OPERATION).size() == 3);
    }

    @Test
    void eachFormIsRefusedByTheFieldThatIsWrong() {
        for (String path : List.of("/reserve", "/unreserve", "/create-volumes", "/destroy-volumes")) {
            String list = path.endsWith("volumes") ? "volumes" : "resources";
            assertAnswer(post(path, list, "[]"), 400, "slaveId: expecting it in the form");
            assertAnswer(post(path, "slaveId", agentId), 400, list + ": expecting it in the form");
            assertAnswer(post(path, "slaveId", agentId, list, "{}"), 400, list + ": expected a JSON array");
            assertAnswer(post(path, "slaveId", agentId, list, "[{"), 400, list + ": not JSON");
            assertAnswer(post(path, "slaveId", agentId, list, "[{\"name\":5}]"), 400, "");
            assertAnswer(post(path, "slaveId", "nobody", list, "[]"), 400, "nobody");
            assertAnswer(operator.curl("POST", path, "%%%=1&slaveId=%zz"), 400, "");
            assertAnswer(operator.curl("GET", path, ""), 405, "");
        }
        assertThat(agent.received(ToAgent.MessageCase.APPLY_OPERATION)).isEmpty();
    }
}
