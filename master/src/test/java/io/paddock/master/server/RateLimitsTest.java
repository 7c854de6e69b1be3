package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.scheduler.Call;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Schedulers at a master that limits them by the principal they name. */
class RateLimitsTest {
    private static final int CALLS = 12;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService callers = Executors.newFixedThreadPool(CALLS);
    private ActorSystem<Void> system;
    private MasterServer master;
    private Path limits;

    @BeforeEach
    void start(@TempDir Path dir) throws Exception {
        system = ActorSystem.create(Behaviors.empty(), "rate-limits-test");
        limits = Files.writeString(
                dir.resolve("limits"),
                "{\"limits\":[{\"principal\":\"slow\",\"qps\":10,\"capacity\":4},{\"principal\":\"free\"}],"
                        + "\"aggregate_default_qps\":10,\"aggregate_default_capacity\":4}");
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        options.security.rateLimits = limits.toString();
        master = MasterServer.start(system, options).toCompletableFuture().get();
        await().until(() -> master.leadership().leading().isPresent());
    }

    @AfterEach
    void stop() {
        callers.shutdownNow();
        master.close();
        system.terminate();
    }

    private ScriptedScheduler subscribe(String principal) {
        FrameworkInfo.Builder info =
                FrameworkInfo.newBuilder().setUser("root").setName("f").setFailoverTimeout(60);
        if (!principal.isEmpty()) {
            info.setPrincipal(principal);
        }
        ScriptedScheduler scheduler = ScriptedScheduler.subscribe(client, master.port(), WireFormat.JSON, info.build());
        await().until(() -> !scheduler.events.isEmpty());
        return scheduler;
    }

    /** Calls of one scheduler, all at once. */
    private List<HttpResponse<String>> burst(ScriptedScheduler scheduler) {
        return burst(scheduler, Call.newBuilder().setType(Call.Type.REVIVE).build());
    }

    private List<HttpResponse<String>> burst(ScriptedScheduler scheduler, Call call) {
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            calls.add(CompletableFuture.supplyAsync(() -> scheduler.call(call.toBuilder()), callers));
        }
        return calls.stream().map(CompletableFuture::join).toList();
    }

    private static long count(List<HttpResponse<String>> answers, int status) {
        return answers.stream().filter(answer -> answer.statusCode() == status).count();
    }

    @Test
    void aPrincipalIsHeldToItsRateAndOthersShareOne() {
        try (ScriptedScheduler slow = subscribe("slow");
                ScriptedScheduler free = subscribe("free");
                ScriptedScheduler other = subscribe("other")) {
            long started = System.nanoTime();
            List<HttpResponse<String>> answers = burst(slow);
            long tookMillis = (System.nanoTime() - started) / 1_000_000;
            long taken = count(answers, 202);
            assertThat(taken).isGreaterThanOrEqualTo(4);
            assertThat(count(answers, 429)).isEqualTo(CALLS - taken).isPositive();
            assertThat(tookMillis).as("%d calls were taken", taken).isGreaterThanOrEqualTo((taken - 2) * 100);
            assertThat(answers.stream()
                            .filter(answer -> answer.statusCode() == 429)
                            .map(HttpResponse::body))
                    .allMatch(body -> body.contains("capacity(4) exceeded by principal 'slow'"));

            JsonNode metrics = new ScriptedOperator(client, master.port(), WireFormat.JSON).get("/metrics/snapshot");
            assertThat(metrics.path("frameworks/slow/messages_received").asLong()
                            - metrics.path("frameworks/slow/messages_processed").asLong())
                    .isEqualTo(CALLS - taken);

            assertThat(count(burst(free), 202)).isEqualTo(CALLS);
            assertThat(count(burst(other), 429)).isPositive();
        }
    }

    @Test
    void onlyASubscriptionNamesAPrincipal() {
        Call.Builder revive = Call.newBuilder().setType(Call.Type.REVIVE);
        revive.getSubscribeBuilder()
                .getFrameworkInfoBuilder()
                .setUser("root")
                .setName("f")
                .setPrincipal("free");
        try (ScriptedScheduler slow = subscribe("slow")) {
            assertThat(count(burst(slow, revive.build()), 429)).isPositive();
        }
    }

    @Test
    void limitsChangeWhileTheMasterRuns() throws Exception {
        try (ScriptedScheduler nobody = subscribe("")) {
            assertThat(count(burst(nobody), 429)).isPositive();
            Files.writeString(limits, "{}");
            await().until(() -> count(burst(nobody), 202) == CALLS);
        }
    }
}
