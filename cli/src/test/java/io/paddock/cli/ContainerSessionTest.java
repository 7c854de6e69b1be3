package io.paddock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import io.paddock.proto.recordio.RecordIO;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.agent.Call;
import io.paddock.proto.v1.agent.ProcessIO;
import io.paddock.proto.v1.agent.Response;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ContainerSessionTest {
    private static final ContainerID CONTAINER = ContainerID.newBuilder()
            .setValue("inside")
            .setParent(ContainerID.newBuilder().setValue("task"))
            .build();

    private final CannedServer agent = new CannedServer();
    private final CountDownLatch inputEnded = new CountDownLatch(1);
    private final ByteArrayOutputStream given = new ByteArrayOutputStream();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @AfterEach
    void close() {
        agent.close();
    }

    private int run(String input, boolean interactive) {
        return run(input, interactive, out);
    }

    private ContainerSession session(String input, OutputStream out) {
        JsonHttp http = new JsonHttp("the agent", "http://" + agent.address(), "", null, null);
        ContainerSession.Streams streams = new ContainerSession.Streams(
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), out, err);
        return new ContainerSession(http, CONTAINER, streams);
    }

    private int run(String input, boolean interactive, OutputStream out) {
        return session(input, out)
                .run(
                        CommandInfo.newBuilder().setValue("cat").build(),
                        ContainerInfo.newBuilder()
                                .setType(ContainerInfo.Type.MESOS)
                                .build(),
                        interactive,
                        false);
    }

    /** An agent whose command writes to both streams after its input has ended, then exits with 5. */
    @SuppressWarnings("deprecation") // the names that the session uses
    private void serve(boolean waitForInput) {
        agent.handle("/api/v1", exchange -> {
            if (exchange.getRequestHeaders().getFirst("Content-Type").equals("application/recordio")) {
                readInput(exchange);
                return;
            }
            Call call = Call.parseFrom(exchange.getRequestBody().readAllBytes());
            switch (call.getType()) {
                case LAUNCH_NESTED_CONTAINER_SESSION -> writeOutput(exchange, call, waitForInput);
                case WAIT_NESTED_CONTAINER -> {
                    byte[] answer = Response.newBuilder()
                            .setType(Response.Type.WAIT_NESTED_CONTAINER)
                            .setWaitNestedContainer(
                                    Response.WaitNestedContainer.newBuilder().setExitStatus(5 << 8))
                            .build()
                            .toByteArray();
                    exchange.sendResponseHeaders(200, answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                }
                default -> CannedServer.reply(exchange, 501, call.getType().name());
            }
        });
    }

    private void writeOutput(HttpExchange exchange, Call call, boolean waitForInput) throws IOException {
        assertThat(call.getLaunchNestedContainerSession().getContainerId()).isEqualTo(CONTAINER);
        assertThat(exchange.getRequestHeaders().getFirst("Accept")).isEqualTo("application/recordio");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(data(ProcessIO.Data.Type.STDOUT, "out\n"));
            body.write(data(ProcessIO.Data.Type.STDERR, "err\n"));
            body.flush();
            if (waitForInput) {
                inputEnded.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void readInput(HttpExchange exchange) throws IOException {
        boolean named = false;
        RecordIO.Decoder decoder = new RecordIO.Decoder(1 << 20);
        byte[] buffer = new byte[100];
        InputStream body = exchange.getRequestBody();
        for (int n = body.read(buffer); n >= 0 && inputEnded.getCount() > 0; n = body.read(buffer)) {
            for (byte[] record : decoder.decode(Arrays.copyOf(buffer, n))) {
                Call.AttachContainerInput input = Call.parseFrom(record).getAttachContainerInput();
                if (input.getType() == Call.AttachContainerInput.Type.CONTAINER_ID) {
                    named = input.getContainerId().equals(CONTAINER);
                } else if (!named) {
                    CannedServer.reply(exchange, 400, "the container was not named first");
                    return;
                } else if (input.getProcessIo().getData().getData().isEmpty()) {
                    inputEnded.countDown();
                } else {
                    input.getProcessIo().getData().getData().writeTo(given);
                }
            }
            if (inputEnded.getCount() == 0) {
                break;
            }
        }
        CannedServer.reply(exchange, 200, "");
    }

    private static byte[] data(ProcessIO.Data.Type type, String text) {
        return RecordIO.encode(ProcessIO.newBuilder()
                .setType(ProcessIO.Type.DATA)
                .setData(ProcessIO.Data.newBuilder().setType(type).setData(ByteString.copyFromUtf8(text)))
                .build()
                .toByteArray());
    }

    @Test
    void outputComesOutAndTheExitCodeIsOurs() {
        serve(false);
        assertThat(run("", false)).isEqualTo(5);
        assertThat(out).hasToString("out\n");
        assertThat(err).hasToString("err\n");
    }

    private static OutputStream failing(String why) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(why);
            }
        };
    }

    @Test
    void outputThatNobodyReadsEndsTheSession() {
        serve(true);
        assertThatThrownBy(() -> run("", false, failing("Broken pipe")))
                .isInstanceOfSatisfying(
                        OutputClosed.class,
                        closed -> assertThat(closed.getExitCode()).isEqualTo(141));
        inputEnded.countDown();
    }

    @Test
    void outputThatHasNoRoomEndsItWithTheReason() {
        serve(true);
        assertThatThrownBy(() -> run("", false, failing("No space left on device")))
                .isInstanceOf(CommandFailed.class)
                .isNotInstanceOf(OutputClosed.class)
                .hasMessage("standard output cannot be written: No space left on device");
        inputEnded.countDown();
    }

    @Test
    void anAgentThatGoesAwayMeanwhileIsSaidToHaveGone() {
        agent.handle("/api/v1", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(data(ProcessIO.Data.Type.STDOUT, "out\n"));
            exchange.getResponseBody().flush();
            throw new IOException("killed");
        });
        assertThatThrownBy(() -> run("", false))
                .isInstanceOf(ServerAway.class)
                .hasMessageStartingWith("lost the connection to the agent at http://" + agent.address())
                .hasMessageEndingWith("Its command ends, too, unless the agent was killed.");
        assertThat(out).hasToString("out\n");
    }

    /** An agent that is ended ends its streams properly before. */
    @Test
    void anAgentThatEndsTheOutputAndItselfIsSaidToHaveGone() {
        agent.handle("/api/v1", exchange -> {
            Call call = Call.parseFrom(exchange.getRequestBody().readAllBytes());
            if (call.getType() != Call.Type.ATTACH_CONTAINER_OUTPUT) {
                throw new IOException("ended");
            }
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(data(ProcessIO.Data.Type.STDOUT, "out\n"));
            exchange.close();
        });
        assertThatThrownBy(() -> session("", out).attach(false, false))
                .isInstanceOf(ServerAway.class)
                .hasMessageStartingWith("lost the connection to the agent at http://" + agent.address())
                .hasMessageContaining("The task goes on");
        assertThat(out).hasToString("out\n");
    }

    @Test
    void inputGoesInAndItsEndToo() {
        serve(true);
        String input = "line of input\n".repeat(5000);
        assertThat(run(input, true)).isEqualTo(5);
        assertThat(given.toString(StandardCharsets.UTF_8)).isEqualTo(input);
    }

    @Test
    void inputThatIsRefusedEndsTheSession() {
        agent.handle("/api/v1", exchange -> {
            if (exchange.getRequestHeaders().getFirst("Content-Type").equals("application/recordio")) {
                CannedServer.reply(exchange, 409, "its input is taken");
                return;
            }
            Call call = Call.parseFrom(exchange.getRequestBody().readAllBytes());
            if (call.getType() == Call.Type.LAUNCH_NESTED_CONTAINER_SESSION) {
                writeOutput(exchange, call, true);
            }
        });
        assertThatThrownBy(() -> run("", true))
                .hasMessage("the agent answered 409 to ATTACH_CONTAINER_INPUT: its input is taken");
        inputEnded.countDown();
    }

    @Test
    void anAgentsRefusalIsPassedOn() {
        agent.answer("/api/v1", 404, "Container task cannot be found");
        assertThatThrownBy(() -> run("", false))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining(
                        "answered 404 to LAUNCH_NESTED_CONTAINER_SESSION: Container task cannot be found");
    }
}
