package io.paddock.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.client.HttpAnswers.HttpAnswer;
import io.paddock.proto.v1.scheduler.Call;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The test is the server: it decides when, and what, it answers. */
@Timeout(60)
class CallConnectionTest {
    private static final String TAKEN = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";

    private ServerSocket server;
    private CallConnection calls;
    private final AtomicInteger roomAgain = new AtomicInteger();

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        calls = connection(100, Duration.ofSeconds(30));
    }

    @AfterEach
    void close() throws IOException {
        calls.close("the test is over");
        server.close();
    }

    private CallConnection connection(int capacity, Duration answerWithin) {
        return new CallConnection(
                () -> new Socket(server.getInetAddress(), server.getLocalPort()),
                capacity,
                answerWithin,
                new CallConnection.Listener() {
                    @Override
                    public void answered(CallConnection.Request call, HttpAnswer answer) {
                        if (answer.status() == 202) {
                            call.outcome().complete(null);
                        } else {
                            call.refuse(answer.status(), answer.body());
                        }
                    }

                    @Override
                    public void roomAgain() {
                        roomAgain.incrementAndGet();
                    }
                });
    }

    /** Calls of one letter each. */
    private List<CompletableFuture<Void>> send(String letters) {
        List<CompletableFuture<Void>> outcomes = new ArrayList<>();
        for (String letter : letters.split("")) {
            CompletableFuture<Void> outcome = new CompletableFuture<>();
            outcomes.add(outcome);
            calls.add(new CallConnection.Request(
                    Call.newBuilder().setType(Call.Type.KILL).build(),
                    letter.getBytes(StandardCharsets.UTF_8),
                    outcome));
        }
        calls.flush();
        return outcomes;
    }

    private static void expect(Socket connection, String text) throws IOException {
        assertThat(new String(connection.getInputStream().readNBytes(text.length()), StandardCharsets.UTF_8))
                .isEqualTo(text);
    }

    private static void answer(Socket connection, String text) throws IOException {
        connection.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String refusal(CompletableFuture<Void> outcome) throws Exception {
        try {
            outcome.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(CallRefusedException.class);
            return e.getCause().getMessage();
        }
        throw new AssertionError("expected a refusal");
    }

    private static void taken(CompletableFuture<Void> outcome) throws Exception {
        outcome.get(20, TimeUnit.SECONDS);
    }

    @Test
    void callsDoNotWaitForAnswersAndEachGetsItsOwn() throws Exception {
        List<CompletableFuture<Void>> outcomes = send("abcd");
        try (Socket connection = server.accept()) {
            expect(connection, "abcd");
            answer(connection, TAKEN + "HTTP/1.1 400 Bad Request\r\nContent-Length: 6\r\n\r\nno 'b'");
            answer(connection, "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nno \r\n");
            answer(connection, "3\r\n'c'\r\n0\r\nTrailer: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
            assertThat(outcomes.get(3)).isNotDone();
            answer(connection, TAKEN);
            taken(outcomes.get(0));
            assertThat(refusal(outcomes.get(1))).isEqualTo("KILL was answered 400: no 'b'");
            assertThat(refusal(outcomes.get(2))).isEqualTo("KILL was answered 403: no 'c'");
            taken(outcomes.get(3));
        }
    }

    @Test
    void aBrokenConnectionRefusesWhatItCarriedAndTheNextCallConnectsAgain() throws Exception {
        List<CompletableFuture<Void>> lost = send("ab");
        try (Socket connection = server.accept()) {
            expect(connection, "ab");
            answer(connection, TAKEN + "HTTP/1.1 202 Acc");
        }
        taken(lost.get(0));
        assertThat(refusal(lost.get(1))).contains("KILL was not sent").contains("in the middle of an answer");

        List<CompletableFuture<Void>> more = send("c");
        try (Socket connection = server.accept()) {
            expect(connection, "c");
            answer(connection, TAKEN);
            taken(more.get(0));
        }
    }

    @Test
    void whatTheServerSaysItHasNotLookedAtIsSentAgainInItsOrder() throws Exception {
        List<CompletableFuture<Void>> outcomes = send("abc");
        try (Socket connection = server.accept()) {
            expect(connection, "abc");
            answer(connection, "HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            taken(outcomes.get(0));
        }
        try (Socket connection = server.accept()) {
            expect(connection, "bc");
            answer(connection, TAKEN + TAKEN);
            taken(outcomes.get(1));
            taken(outcomes.get(2));
        }
    }

    @Test
    void aServerThatDoesNotAnswerIsGivenUp() throws Exception {
        calls = connection(100, Duration.ofMillis(200));
        List<CompletableFuture<Void>> outcomes = send("a");
        try (Socket connection = server.accept()) {
            expect(connection, "a");
            assertThat(refusal(outcomes.get(0))).contains("no answer came within");
            assertThat(connection.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void whatIsNoHttpIsSaid() throws Exception {
        List<CompletableFuture<Void>> outcomes = send("a");
        try (Socket connection = server.accept()) {
            expect(connection, "a");
            answer(connection, "SSH-2.0-OpenSSH\r\n");
            assertThat(refusal(outcomes.get(0))).contains("expected an answer of HTTP/1.1 but got 'SSH-2.0-OpenSSH'");
        }
    }

    @Test
    void nobodyThereIsSaid() throws Exception {
        server.close();
        assertThat(refusal(send("a").get(0))).contains("KILL was not sent").contains("refused");
    }

    @Test
    void tellsWhenItIsCrowdedAndWhenNoMore() throws Exception {
        calls = connection(4, Duration.ofSeconds(30));
        String letters = "x".repeat(128);
        List<CompletableFuture<Void>> onTheWay = new ArrayList<>();
        for (String letter : letters.split("")) {
            while (calls.isCrowded()) {
                Thread.onSpinWait();
            }
            onTheWay.addAll(send(letter));
        }
        try (Socket connection = server.accept()) {
            expect(connection, letters);
            int before = roomAgain.get();
            List<CompletableFuture<Void>> waiting = send("abcd");
            assertThat(calls.isCrowded()).isTrue();
            assertThat(refusal(send("e").get(0))).contains("4 calls are already waiting");
            answer(connection, TAKEN.repeat(128));
            for (CompletableFuture<Void> each : onTheWay) {
                taken(each);
            }
            expect(connection, "abcd");
            assertThat(roomAgain.get()).isGreaterThan(before);
            answer(connection, TAKEN.repeat(4));
            for (CompletableFuture<Void> each : waiting) {
                taken(each);
            }
        }
    }

    @Test
    void afterCloseWhatIsOnTheWayIsStillAnsweredAndThenTheConnectionEnds() throws Exception {
        List<CompletableFuture<Void>> outcomes = send("a");
        try (Socket connection = server.accept()) {
            expect(connection, "a");
            calls.close("closed by the test");
            assertThat(refusal(send("b").get(0))).contains("closed by the test");
            answer(connection, TAKEN);
            taken(outcomes.get(0));
            InputStream in = connection.getInputStream();
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void bodiesAndHeadsHaveLimits() {
        assertThatThrownBy(() -> parse("HTTP/1.1 400 Bad\r\nContent-Length: 99999999999\r\n\r\n"))
                .hasMessageContaining("expected a length but got '99999999999'");
        assertThatThrownBy(() -> parse("HTTP/1.1 400 Bad\r\nContent-Length: 99999999\r\n\r\n"))
                .hasMessageContaining("longer than");
        assertThatThrownBy(() -> parse("HTTP/1.1 4x0 Bad\r\n\r\n")).hasMessageContaining("but got 'HTTP/1.1 4x0 Bad'");
        assertThatThrownBy(() -> parse("HTTP/1.1 400 Bad\r\nnonsense\r\n\r\n")).hasMessageContaining("'nonsense'");
    }

    @Test
    void anAnswerWithoutALengthEndsWithItsConnection() throws Exception {
        HttpAnswer answer = parse("HTTP/1.1 500\r\nServer: x\r\n\r\nwhat a day");
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.body()).isEqualTo("what a day");
        assertThat(answer.last()).isTrue();
    }

    private static HttpAnswer parse(String text) throws IOException {
        return new HttpAnswers(new java.io.ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))).next();
    }
}
