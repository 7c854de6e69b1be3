package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What tests of a whole master share: an actor system, a client, and how a leader is started. The test closes its masters. */
final class MasterFixture implements BeforeAllCallback, AfterAllCallback {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private ActorSystem<Void> system;

    @Override
    public void beforeAll(ExtensionContext context) {
        system = ActorSystem.create(
                Behaviors.empty(), context.getRequiredTestClass().getSimpleName());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        system.terminate();
    }

    HttpClient client() {
        return client;
    }

    /** A master that leads. */
    MasterServer start() throws Exception {
        return start(options -> {});
    }

    /** A master that leads, on a port of its own. */
    MasterServer start(Consumer<MasterOptions> flags) throws Exception {
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        flags.accept(options);
        MasterServer master =
                MasterServer.start(system, options).toCompletableFuture().get();
        await().until(() -> master.leadership().leading().isPresent());
        return master;
    }

    static void assertAnswer(HttpResponse<String> response, int status, String text) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.body()).contains(text);
    }
}
