package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What is streamed of processes, when the reader or the agent goes. */
class OutputStreamsTest {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Complaints complaints = new Complaints();
    private ActorSystem<Void> system;
    private ScriptedMaster master;
    private AgentServer agent;

    private static final class Complaints extends AppenderBase<ILoggingEvent> {
        final Queue<String> told = new ConcurrentLinkedQueue<>();

        @Override
        protected void append(ILoggingEvent event) {
            if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
                told.add(event.getFormattedMessage());
            }
        }
    }

    @TempDir
    Path workDir;

    @BeforeEach
    void start() {
        system = ActorSystem.create(Behaviors.empty(), "output-streams");
        master = new ScriptedMaster(system);
        startAgent();
        complaints.start();
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).addAppender(complaints);
    }

    private void startAgent() {
        AgentOptions options = new AgentOptions();
        options.listen.port = 0;
        options.master = master.address();
        options.workDir = workDir;
        options.runtime = "processes";
        options.resources = "cpus:4;mem:1024;disk:1000";
        agent = AgentServer.start(system, options).toCompletableFuture().join();
    }

    @AfterEach
    void stop() {
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).detachAppender(complaints);
        agent.closeAndStopTasks();
        master.close();
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
    }

    private HttpRequest request(String json) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + "/api/v1"))
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')))
                .build();
    }

    private InputStream open(String json) throws Exception {
        return open(json, false);
    }

    private InputStream open(String json, boolean fromStart) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(request(json), (name, value) -> true)
                .header("Paddock-Output", fromStart ? "from-start" : "")
                .build();
        HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    private void launch(String name, String command) throws Exception {
        open("{'type':'LAUNCH_CONTAINER','launch_container':{'container_id':{'value':'" + name
                        + "'},'command':{'value':'" + command + "'}}}")
                .close();
    }

    /** The sandbox is the task's: what it puts in place of its output is not shown as that. */
    @Test
    void outputsThatAreLinksAreNotFollowed() throws Exception {
        Path secret = Files.writeString(workDir.resolve("secret"), "nobody may read this");
        Path gate = workDir.resolve("gate");
        launch("c", "ln -sf " + secret + " stdout; echo told >&2; until [ -e " + gate + " ]; do sleep 0.05; done");
        Awaitility.await().until(() -> Files.isSymbolicLink(workDir.resolve("standalone/c/stdout")));
        InputStream output = open(
                "{'type':'ATTACH_CONTAINER_OUTPUT','attach_container_output':{'container_id':{'value':'c'}}}", true);
        Files.writeString(gate, "");
        String shown = new String(output.readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shown)
                .contains(Base64.getEncoder().encodeToString("told\n".getBytes(StandardCharsets.UTF_8)))
                .doesNotContain(
                        Base64.getEncoder().encodeToString("nobody may read this".getBytes(StandardCharsets.UTF_8)));
    }

    /** What is removed is named by an id, not by a path. */
    @Test
    void aContainerIdThatLeadsOutOfTheSandboxRemovesNothing() throws Exception {
        launch("c", "sleep 100");
        Path kept = Files.createDirectories(workDir.resolve("kept"));
        String remove = "{'type':'REMOVE_NESTED_CONTAINER','remove_nested_container':{'container_id':"
                + "{'value':'../../../kept','parent':{'value':'c'}}}}";
        Files.createDirectories(workDir.resolve("standalone/c/containers"));
        assertThat(client.send(request(remove), HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(400);
        assertThat(kept).exists();
    }

    private InputStream session(String name, String command) throws Exception {
        return open("{'type':'LAUNCH_NESTED_CONTAINER_SESSION','launch_nested_container_session':{'container_id':"
                + "{'value':'" + name + "','parent':{'value':'c'}},'command':{'value':'" + command + "'}}}");
    }

    @Test
    void streamsEndCleanlyBeforeTheAgentDoes() throws Exception {
        launch("c", "while sleep 0.01; do echo tick; done");
        List<CompletableFuture<byte[]>> streams = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            InputStream stream = i % 2 == 0
                    ? open("{'type':'ATTACH_CONTAINER_OUTPUT','attach_container_output':"
                            + "{'container_id':{'value':'c'}}}")
                    : session("s" + i, "while sleep 0.01; do echo tock; done");
            assertThat(stream.read()).isPositive();
            streams.add(CompletableFuture.supplyAsync(() -> read(stream), task -> new Thread(task).start()));
        }
        agent.close();
        for (CompletableFuture<byte[]> stream : streams) {
            assertThat(new String(stream.get(20, TimeUnit.SECONDS), StandardCharsets.UTF_8))
                    .contains("DATA");
        }
        assertThat(complaints.told).isEmpty();
        startAgent(); // to end the container, which outlives its agent
    }

    /** Killed with the agent, not ended by itself or by somebody who meant it. */
    @Test
    void aSessionThatTheAgentsEndCutsHasNoExitOfItsOwn() throws Exception {
        launch("c", "exec sleep 1000");
        InputStream output = session("cut", "exec sleep 1000");
        CompletableFuture.runAsync(() -> read(output), task -> new Thread(task).start());
        CompletableFuture<HttpResponse<String>> end = client.sendAsync(
                request("{'type':'WAIT_CONTAINER','wait_container':{'container_id':"
                        + "{'value':'cut','parent':{'value':'c'}}}}"),
                HttpResponse.BodyHandlers.ofString());
        Awaitility.await().during(Duration.ofMillis(500)).until(() -> !end.isDone());
        agent.close();
        assertThat(end.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
        assertThat(end.join().body()).contains("the agent ends");
        startAgent(); // to end the container, which outlives its agent
    }

    private static byte[] read(InputStream stream) {
        try (stream) {
            return stream.readAllBytes();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException("the stream was broken", e);
        }
    }

    @Test
    void aSessionEndsWithItsReader() throws Exception {
        launch("c", "exec sleep 1000");
        session("silent", "exec sleep 1000").close();
        HttpResponse<String> end = client.sendAsync(
                        request("{'type':'WAIT_CONTAINER','wait_container':{'container_id':"
                                + "{'value':'silent','parent':{'value':'c'}}}}"),
                        HttpResponse.BodyHandlers.ofString())
                .get(20, TimeUnit.SECONDS);
        assertThat(end.body()).contains("\"exit_status\":9");
        assertThat(complaints.told).isEmpty();
    }
}
