package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.platform.http.WireFormat;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.master.Response;
import io.paddock.proto.v1.master.Response.ExplainOffers;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Why nothing is offered, over real HTTP: the endpoint and the call of the operator API. */
class OfferReasonsTest {
    private static ActorSystem<Void> system;
    private static HttpClient client;
    private MasterServer master;
    private ScriptedAgent agent;

    @BeforeAll
    static void startSystem() {
        system = ActorSystem.create(Behaviors.empty(), "offer-reasons-test");
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
        agent.register("cpus:4;mem:4096");
    }

    @AfterEach
    void stopMaster() {
        agent.close();
        master.close();
    }

    private ScriptedScheduler subscribe(String... roles) {
        FrameworkInfo.Builder info = FrameworkInfo.newBuilder()
                .setUser("u")
                .setName("of " + roles[0])
                .addCapabilities(
                        FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.MULTI_ROLE));
        for (String role : roles) {
            info.addRoles(role);
        }
        ScriptedScheduler scheduler = ScriptedScheduler.subscribe(client, master.port(), WireFormat.JSON, info.build());
        await().until(() -> scheduler.events.size() >= 2);
        return scheduler;
    }

    private HttpResponse<byte[]> get(String query) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + master.port() + "/master/offers/why" + query);
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private ExplainOffers explained(String query) throws Exception {
        HttpResponse<byte[]> response = get(query);
        assertThat(response.statusCode()).isEqualTo(200);
        return JsonCodec.fromJson(response.body(), ExplainOffers.getDefaultInstance());
    }

    private static Stream<String> reasons(ExplainOffers explained, String name) {
        return explained.getFrameworksList().stream()
                .filter(f -> f.getName().equals(name))
                .flatMap(f -> f.getRolesList().stream())
                .flatMap(r -> r.getReasonsList().stream().map(reason -> r.getRole() + " " + reason.getReason()));
    }

    @Test
    void ofAllFrameworksOfOneAndOfOneRole() throws Exception {
        try (ScriptedScheduler first = subscribe("a");
                ScriptedScheduler second = subscribe("b", "c")) {
            await().until(() -> !first.offers().isEmpty());
            second.call(io.paddock.proto.v1.scheduler.Call.newBuilder()
                    .setType(io.paddock.proto.v1.scheduler.Call.Type.SUPPRESS)
                    .setSuppress(io.paddock.proto.v1.scheduler.Call.Suppress.newBuilder()
                            .addRoles("c")));
            await().untilAsserted(() ->
                    assertThat(reasons(explained(""), "of b")).containsExactly("b NOTHING_FREE", "c SUPPRESSED"));
            assertThat(reasons(explained(""), "of a")).containsExactly("a NOTHING_FREE");
            String id = second.frameworkId().getValue();
            assertThat(explained("?framework=" + id).getFrameworksList())
                    .extracting(ExplainOffers.Framework::getName)
                    .containsExactly("of b");
            assertThat(reasons(explained("?role=c"), "of b")).containsExactly("c SUPPRESSED");
            assertThat(reasons(explained("?role=nothing"), "of b")).isEmpty();
            assertThat(reasons(explained("?role=nothing&framework=" + id), "of b"))
                    .containsExactly("nothing NOT_SUBSCRIBED");
            assertThat(get("?framework=nobody").statusCode()).isEqualTo(404);
        }
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void theOperatorApiAnswersTheSame(WireFormat format) throws Exception {
        try (ScriptedScheduler scheduler = subscribe("a")) {
            await().until(() -> !scheduler.offers().isEmpty());
            assertThat(called(format, scheduler.frameworkId()).getExplainOffers())
                    .isEqualTo(explained("?framework=" + scheduler.frameworkId().getValue()));
        }
    }

    private Response called(WireFormat format, FrameworkID framework) throws Exception {
        Call call = Call.newBuilder()
                .setType(Call.Type.EXPLAIN_OFFERS)
                .setExplainOffers(Call.ExplainOffers.newBuilder().setFrameworkId(framework))
                .build();
        URI uri = URI.create("http://127.0.0.1:" + master.port() + "/api/v1");
        HttpResponse<byte[]> response = client.send(
                ScriptedScheduler.request(uri, format, call).build(), HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(200);
        return format.decode(response.body(), Response.getDefaultInstance());
    }
}
