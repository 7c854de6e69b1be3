package io.paddock.client.example;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.paddock.client.Encoding;
import io.paddock.proto.recordio.RecordIO;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.executor.Call;
import io.paddock.proto.v1.executor.Event;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The custom executor of the guide as a process, against an agent of this test's making. */
class EchoExecutorTest {
    private static final Path SOURCE = Path.of("../../docs/examples/EchoExecutor.java");

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
    private final BlockingQueue<OutputStream> streams = new LinkedBlockingQueue<>();
    private HttpServer agent;
    private Process executor;

    @BeforeEach
    void start() throws IOException {
        agent = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        agent.createContext("/api/v1/executor", this::answer);
        agent.setExecutor(threads);
        agent.start();
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        SOURCE.toString())
                .inheritIO();
        builder.environment().put("MESOS_FRAMEWORK_ID", "f");
        builder.environment().put("MESOS_EXECUTOR_ID", "e");
        builder.environment().put("MESOS_CHECKPOINT", "1");
        builder.environment()
                .put("MESOS_AGENT_ENDPOINT", "127.0.0.1:" + agent.getAddress().getPort());
        executor = builder.start();
    }

    @AfterEach
    void stop() {
        executor.destroyForcibly();
        agent.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        Call call = Encoding.JSON.decode(exchange.getRequestBody().readAllBytes(), Call.getDefaultInstance());
        if (call.getType() == Call.Type.SUBSCRIBE) {
            exchange.sendResponseHeaders(200, 0);
            calls.add(call);
            streams.add(exchange.getResponseBody());
        } else {
            exchange.sendResponseHeaders(202, -1);
            exchange.close();
            calls.add(call);
        }
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(60, TimeUnit.SECONDS);
        assertThat(next).as("what the executor sends next").isNotNull();
        return next;
    }

    private static void send(OutputStream stream, Event.Builder event) throws IOException {
        stream.write(RecordIO.encode(Encoding.JSON.encode(event.build())));
        stream.flush();
    }

    private static Event.Builder launch(String id, String text) {
        return Event.newBuilder()
                .setType(Event.Type.LAUNCH)
                .setLaunch(Event.Launch.newBuilder()
                        .setTask(TaskInfo.newBuilder()
                                .setName(id)
                                .setTaskId(TaskID.newBuilder().setValue(id))
                                .setAgentId(AgentID.newBuilder().setValue("s"))
                                .setData(ByteString.copyFromUtf8(text))));
    }

    private static Event.Builder acknowledged(Call update) {
        return Event.newBuilder()
                .setType(Event.Type.ACKNOWLEDGED)
                .setAcknowledged(Event.Acknowledged.newBuilder()
                        .setTaskId(update.getUpdate().getStatus().getTaskId())
                        .setUuid(update.getUpdate().getStatus().getUuid()));
    }

    @Test
    void runsTasksSurvivesItsAgentAndEndsWhenTold() throws IOException, InterruptedException {
        assertThat(next(calls).getSubscribe().getUnacknowledgedTasksList()).isEmpty();
        OutputStream stream = next(streams);
        send(stream, launch("t1", "schön \"quoted\"\n"));
        Call running = next(calls);
        assertThat(running.getUpdate().getStatus().getState()).isEqualTo(TaskState.TASK_RUNNING);
        assertThat(running.getUpdate().getStatus().getUuid().size()).isEqualTo(16);
        Call finished = next(calls);
        assertThat(finished.getUpdate().getStatus().getState()).isEqualTo(TaskState.TASK_FINISHED);
        assertThat(finished.getUpdate().getStatus().getData().toStringUtf8()).isEqualTo("SCHÖN \"QUOTED\"\n");
        send(stream, acknowledged(running));
        send(stream, launch("t2", "wait"));
        Call waiting = next(calls);
        stream.close();

        Call again = next(calls);
        assertThat(again.getSubscribe().getUnacknowledgedTasksList())
                .extracting(task -> task.getTaskId().getValue())
                .containsExactly("t2");
        assertThat(again.getSubscribe().getUnacknowledgedUpdatesList())
                .extracting(update -> update.getStatus().getUuid())
                .containsExactly(
                        finished.getUpdate().getStatus().getUuid(),
                        waiting.getUpdate().getStatus().getUuid());
        stream = next(streams);
        send(
                stream,
                Event.newBuilder()
                        .setType(Event.Type.KILL)
                        .setKill(Event.Kill.newBuilder()
                                .setTaskId(TaskID.newBuilder().setValue("t2"))));
        assertThat(next(calls).getUpdate().getStatus().getState()).isEqualTo(TaskState.TASK_KILLED);
        send(stream, Event.newBuilder().setType(Event.Type.SHUTDOWN));
        assertThat(executor.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(executor.exitValue()).isZero();
    }
}
