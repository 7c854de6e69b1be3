package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.platform.http.HttpOptions;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.http.WireFormat;
import io.paddock.platform.security.RateLimits;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.scheduler.Call;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.Optional;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.http.javadsl.server.Directives;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a scheduler hears from a master before it leads, while it gets ready to, and after. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeadershipTest {
    private final ActorTestKit kit = ActorTestKit.create();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final MasterInfo self = master("self", 1);
    private final Leadership leadership = new Leadership(self);
    private final HttpServer server = HttpServer.bind(
                    kit.system(),
                    HttpOptions.plain("127.0.0.1", 0),
                    Directives.concat(
                            SchedulerRoutes.create(leadership, new CallLimits(kit.system(), () -> RateLimits.NONE)),
                            Directives.path("redirect", leadership::redirect)))
            .toCompletableFuture()
            .join();

    @AfterAll
    void stop() {
        server.close();
        kit.shutdownTestKit();
    }

    private static MasterInfo master(String id, int port) {
        return MasterInfo.newBuilder()
                .setId(id)
                .setIp(0)
                .setHostname("master-" + id)
                .setPort(port)
                .build();
    }

    private void hears(int status, String body, String location) throws Exception {
        for (WireFormat format : WireFormat.values()) {
            for (Call.Type type : Call.Type.values()) {
                Call call = Call.newBuilder().setType(type).build();
                HttpResponse<String> answer = client.send(
                        ScriptedScheduler.request(uri("/scheduler"), format, call)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as("%s", type).isEqualTo(status);
                assertThat(answer.body()).as("%s", type).contains(body);
                assertThat(answer.headers().firstValue("Location").orElse("")).isEqualTo(location);
            }
        }
    }

    private HttpResponse<String> redirect() throws Exception {
        return client.send(
                java.net.http.HttpRequest.newBuilder(uri("/redirect")).build(), HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    @Test
    void itIsToldToComeAgainOrWhereToGo() throws Exception {
        hears(503, "No leader elected", "");
        assertThat(redirect().statusCode()).isEqualTo(503);
        leadership.detected(Optional.of(self));
        hears(503, "still reading its registry", "");
        assertThat(redirect().statusCode()).isEqualTo(307);
        leadership.detected(Optional.of(master("other", 5050)));
        hears(307, "", "//master-other:5050/scheduler");
        assertThat(redirect().headers().firstValue("Location")).contains("//master-other:5050");
        leadership.detected(Optional.empty());
        hears(503, "No leader elected", "");
    }
}
