package io.paddock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.paddock.proto.recordio.RecordIO;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.agent.Call;
import io.paddock.proto.v1.agent.ProcessIO;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionInputTest {
    private final CannedServer agent = new CannedServer();

    @AfterEach
    void close() {
        agent.close();
    }

    private SessionInput input(String typed, boolean tty) {
        JsonHttp http = new JsonHttp("the agent", "http://" + agent.address(), "", null, null);
        return new SessionInput(
                http,
                ContainerID.newBuilder().setValue("c").build(),
                new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)),
                new DetachKeys(tty),
                () -> Optional.of(new Terminal.Size(20, 60)));
    }

    /** All that is sent until the input ends. */
    private List<ProcessIO> sent(boolean tty) {
        return sent("typed", tty, () -> {});
    }

    private List<ProcessIO> sent(String typed, boolean tty, Runnable over) {
        CompletableFuture<byte[]> body = new CompletableFuture<>();
        agent.handle("/api/v1", exchange -> {
            body.complete(exchange.getRequestBody().readAllBytes());
            CannedServer.reply(exchange, 200, "");
        });
        input(typed, tty).start(tty, over);
        List<ProcessIO> found = new ArrayList<>();
        for (byte[] record : new RecordIO.Decoder(1 << 20)
                .decode(body.orTimeout(60, TimeUnit.SECONDS).join())) {
            try {
                Call.AttachContainerInput input = Call.parseFrom(record).getAttachContainerInput();
                if (input.getType() == Call.AttachContainerInput.Type.PROCESS_IO) {
                    found.add(input.getProcessIo());
                }
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        }
        return found;
    }

    @Test
    void aTerminalLearnsTheSizeOfOurWindowBeforeAnythingIsTyped() {
        ProcessIO first = sent(true).get(0);
        assertThat(first.getType()).isEqualTo(ProcessIO.Type.CONTROL);
        assertThat(first.getControl().getTtyInfo().getWindowSize().getRows()).isEqualTo(20);
        assertThat(first.getControl().getTtyInfo().getWindowSize().getColumns()).isEqualTo(60);
        assertThat(sent(false))
                .as("there is no window")
                .extracting(ProcessIO::getType)
                .containsOnly(ProcessIO.Type.DATA);
    }

    @Test
    void whatWasTypedBeforeItsUserLeavesGetsThere() {
        CompletableFuture<Void> left = new CompletableFuture<>();
        assertThat(sent("typed\u0010\u0011and not this", true, () -> left.complete(null)))
                .filteredOn(io -> io.getType() == ProcessIO.Type.DATA)
                .extracting(io -> io.getData().getData().toStringUtf8())
                .containsExactly("typed");
        left.orTimeout(60, TimeUnit.SECONDS).join();
    }

    /** With a terminal nothing that is typed, not even Ctrl-P Ctrl-Q, would be heard any more. */
    @Test
    void inputThatBreaksAloneIsTold() {
        agent.handle("/api/v1", exchange -> {
            throw new IOException("broken");
        });
        CompletableFuture<Void> over = new CompletableFuture<>();
        SessionInput broken = input("typed", true);
        broken.start(true, () -> over.complete(null));
        over.orTimeout(60, TimeUnit.SECONDS).join();
        assertThat(broken.failure())
                .isInstanceOf(ServerAway.class)
                .hasMessageStartingWith("lost the connection to the agent at http://" + agent.address())
                .hasMessageEndingWith("The input does not get through any more.");
    }
}
