package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.v1.Filters;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.scheduler.Call;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The metrics of allocator and frameworks, as a monitor reads them. */
class FrameworkMetricsTest {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private ActorSystem<Void> system;
    private MasterServer master;
    private ScriptedAgent agent;

    @BeforeEach
    void startMaster() throws Exception {
        system = ActorSystem.create(Behaviors.empty(), "framework-metrics-test");
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        master = MasterServer.start(system, options).toCompletableFuture().get();
        agent = ScriptedAgent.connect(client, master.port());
    }

    @AfterEach
    void stopMaster() {
        agent.close();
        master.close();
        system.terminate();
    }

    private String get(String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + master.port() + path);
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void anOfferIsDeclinedAndCounted() throws Exception {
        agent.register("cpus:4;mem:4096");
        FrameworkInfo info = FrameworkInfo.newBuilder()
                .setUser("u")
                .setName("my framework")
                .addRoles("eng/web")
                .addCapabilities(
                        FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.MULTI_ROLE))
                .build();
        try (ScriptedScheduler scheduler = ScriptedScheduler.subscribe(client, master.port(), WireFormat.JSON, info)) {
            await().until(() -> scheduler.offers().size() == 1);
            String id = "master/frameworks/my%20framework/"
                    + scheduler.frameworkId().getValue() + "/";
            await().untilAsserted(() -> {
                JsonNode metrics = new ObjectMapper().readTree(get("/metrics/snapshot"));
                assertThat(metrics.path("allocator/mesos/roles/eng/shares/dominant")
                                .asDouble())
                        .isEqualTo(1.0);
                assertThat(metrics.path("allocator/mesos/resources/cpus/offered_or_allocated")
                                .asDouble())
                        .isEqualTo(4.0);
            });
            scheduler.call(Call.newBuilder()
                    .setType(Call.Type.DECLINE)
                    .setDecline(Call.Decline.newBuilder()
                            .addOfferIds(scheduler.offers().get(0).getId())
                            .setFilters(Filters.newBuilder().setRefuseSeconds(3600))));
            JsonNode metrics = new ObjectMapper().readTree(get("/metrics/snapshot"));
            assertThat(metrics.path(id + "offers/sent").asInt()).isEqualTo(1);
            assertThat(metrics.path(id + "offers/declined").asInt()).isEqualTo(1);
            assertThat(metrics.path(id + "calls").asInt()).isEqualTo(2);
            assertThat(metrics.path(id + "calls/decline").asInt()).isEqualTo(1);
            assertThat(metrics.path(id + "events/offers").asInt()).isEqualTo(1);
            assertThat(metrics.path(id + "roles/eng/web/suppressed").asInt(-1)).isZero();
            assertThat(metrics.path("allocator/mesos/offer_filters/roles/eng/web/active")
                            .asInt())
                    .isEqualTo(1);
            assertThat(metrics.path("allocator/mesos/allocation_runs").asInt()).isPositive();
            assertThat(metrics.path("allocator/mesos/allocation_run_ms/p99").asDouble())
                    .isPositive();
            assertThat(metrics.path("allocator/mesos/allocation_run_latency_ms/count")
                            .asInt())
                    .isPositive();
            assertThat(metrics.has("allocator/mesos/event_queue_dispatches")).isTrue();
            assertThat(get("/metrics"))
                    .contains(
                            "paddock_allocator_offer_filters_active{role=\"eng/web\"} 1.0",
                            "paddock_master_framework_offers_declined{name=\"my%20framework\"",
                            "jvm_memory_used_bytes");
        }
    }
}
