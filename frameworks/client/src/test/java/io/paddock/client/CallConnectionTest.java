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
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
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
    private final List<String> broke = new CopyOnWriteArrayList<>();

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        calls = connection(100, Duration.ofSeconds(30), Duration.ofSeconds(60));
    }

    @AfterEach
    void close() throws IOException {
        calls.close("the test is over");
        server.close();
    }

    private CallConnection connection(int capacity, Duration answerWithin, Duration idleFor) {
        return new CallConnection(
                () -> {
                    Socket socket = new Socket(server.getInetAddress(), server.getLocalPort());
                    return new CallConnection.Wire(socket, socket);
                },
                capacity,
                answerWithin,
                idleFor,
                new CallConnection.Listener() {
                    @Override
                    public void answered(CallConnection.Request call, HttpAnswer answer) {
                        if (answer.status() == 202) {
                            call.taken();
                        } else {
                            call.refuse(CallRefusedException.answered(
                                    call.call().getType(), answer.status(), answer.body()));
                        }
                    }

                    @Override
                    public void roomAgain() {
                        roomAgain.incrementAndGet();
                    }

                    @Override
                    public void broke(String reason) {
                        broke.add(reason);
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
                    Call.newBuilder().setType(Call.Type.KILL).build(), letter.getBytes(StandardCharsets.UTF_8), why -> {
                        if (why == null) {
                            outcome.complete(null);
                        } else {
                            outcome.completeExceptionally(why);
                        }
                    }));
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
    void whenCallsAreLostTheListenerIsToldAndNothingThatFollowsIsSent() throws Exception {
        List<CompletableFuture<Void>> lost = send("ab");
        try (Socket connection = server.accept()) {
            expect(connection, "ab");
            answer(connection, TAKEN + "HTTP/1.1 202 Acc");
        }
        taken(lost.get(0));
        assertThat(refusal(lost.get(1))).contains("KILL got no answer").contains("in the middle of an answer");
        assertThat(refusal(send("c").get(0))).contains("in the middle of an answer");
        eventually().until(() -> !broke.isEmpty());
        assertThat(broke).hasSize(1).first().asString().contains("in the middle of an answer");
        assertThatNobodyConnects();
    }

    @Test
    void aConnectionThatEndsWithNothingUnansweredIsReplacedInSilence() throws Exception {
        List<CompletableFuture<Void>> outcomes = send("a");
        try (Socket connection = server.accept()) {
            expect(connection, "a");
            answer(connection, TAKEN);
            taken(outcomes.get(0));
            connection.shutdownOutput();
            assertThat(connection.getInputStream().read()).isEqualTo(-1);
        }
        List<CompletableFuture<Void>> more = send("c");
        try (Socket connection = server.accept()) {
            expect(connection, "c");
            answer(connection, TAKEN);
            taken(more.get(0));
        }
        assertThat(broke).isEmpty();
    }

    @Test
    void anIdleConnectionIsHungUpAndTheNextCallConnectsAgain() throws Exception {
        calls = connection(100, Duration.ofSeconds(30), Duration.ofMillis(200));
        for (String letter : List.of("a", "b")) {
            List<CompletableFuture<Void>> outcomes = send(letter);
            try (Socket connection = server.accept()) {
                expect(connection, letter);
                Awaitility.await()
                        .during(Duration.ofMillis(500))
                        .until(() -> !outcomes.get(0).isDone()); // it is not idle as long as an answer is owed
                answer(connection, TAKEN);
                taken(outcomes.get(0));
                assertThat(connection.getInputStream().read()).isEqualTo(-1);
            }
        }
        assertThat(broke).isEmpty();
    }

    @Test
    void anAnswerThatMerelyEndsWithItsConnectionAnnouncesNothing() throws Exception {
        List<CompletableFuture<Void>> outcomes = send("ab");
        try (Socket connection = server.accept()) {
            expect(connection, "ab");
            answer(connection, "HTTP/1.1 202 Accepted\r\n\r\n");
        }
        taken(outcomes.get(0));
        assertThat(refusal(outcomes.get(1))).contains("closed the connection before it answered");
        assertThatNobodyConnects();
    }

    private void assertThatNobodyConnects() throws IOException {
        server.setSoTimeout(300);
        assertThatThrownBy(() -> server.accept().close()).isInstanceOf(SocketTimeoutException.class);
    }

    private static ConditionFactory eventually() {
        return Awaitility.await().atMost(Duration.ofSeconds(20));
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
        calls = connection(100, Duration.ofMillis(200), Duration.ofSeconds(60));
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
        calls = connection(4, Duration.ofSeconds(30), Duration.ofSeconds(60));
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
    void whatWaitsWhenItIsFinishedIsStillSent() throws Exception {
        String letters = "x".repeat(128);
        List<CompletableFuture<Void>> onTheWay = send(letters.substring(0, 100));
        try (Socket connection = server.accept()) {
            expect(connection, letters.substring(0, 100));
            onTheWay.addAll(send(letters.substring(100)));
            expect(connection, letters.substring(100));
            List<CompletableFuture<Void>> waiting = send("ab");
            CompletableFuture<Void> finished =
                    calls.finish("closed by the test", Duration.ofSeconds(20)).toCompletableFuture();
            assertThat(refusal(send("c").get(0))).contains("closed by the test");
            answer(connection, TAKEN.repeat(128));
            expect(connection, "ab");
            assertThat(finished).isNotDone();
            answer(connection, TAKEN.repeat(2));
            for (CompletableFuture<Void> each : waiting) {
                taken(each);
            }
            taken(finished);
            assertThat(connection.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void itIsNotFinishedBeforeTheLastOutcomeIsTold() throws Exception {
        for (String answer : List.of(TAKEN, "HTTP/1.1 20")) {
            calls = connection(100, Duration.ofSeconds(30), Duration.ofSeconds(60));
            CompletableFuture<CompletableFuture<Void>> finished = new CompletableFuture<>();
            CompletableFuture<Boolean> early = new CompletableFuture<>();
            calls.add(new CallConnection.Request(
                    Call.newBuilder().setType(Call.Type.KILL).build(), new byte[] {'a'}, why -> {
                        CompletableFuture<Void> end = finished.join();
                        try {
                            end.get(200, TimeUnit.MILLISECONDS);
                            early.complete(true);
                        } catch (TimeoutException e) {
                            early.complete(false);
                        } catch (InterruptedException | ExecutionException e) {
                            early.completeExceptionally(e);
                        }
                    }));
            calls.flush();
            try (Socket connection = server.accept()) {
                expect(connection, "a");
                finished.complete(calls.finish("closed by the test", Duration.ofSeconds(20))
                        .toCompletableFuture());
                answer(connection, answer);
            }
            assertThat(early.get(20, TimeUnit.SECONDS)).isFalse();
            taken(finished.join());
        }
    }

    @Test
    void finishingHasAnEnd() throws Exception {
        List<CompletableFuture<Void>> onTheWay = send("x".repeat(100));
        try (Socket connection = server.accept()) {
            expect(connection, "x".repeat(100));
            onTheWay.addAll(send("x".repeat(28)));
            expect(connection, "x".repeat(28));
            CompletableFuture<Void> waiting = send("a").get(0);
            taken(calls.finish("closed by the test", Duration.ofMillis(100)).toCompletableFuture());
            assertThat(refusal(waiting)).contains("closed by the test");
            assertThat(onTheWay).noneMatch(CompletableFuture::isDone);
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
        assertThat(answer.last()).isFalse();
    }

    @Test
    void theServerAnnouncesThatItLooksAtNothingMore() throws Exception {
        String length = "Content-Length: 0\r\n\r\n";
        assertThat(parse("HTTP/1.1 202 A\r\n" + length).last()).isFalse();
        assertThat(parse("HTTP/1.1 202 A\r\nConnection: Close\r\n" + length).last())
                .isTrue();
        assertThat(parse("HTTP/1.0 202 A\r\n" + length).last()).isTrue();
        assertThat(parse("HTTP/1.0 202 A\r\nConnection: keep-alive\r\n" + length)
                        .last())
                .isFalse();
    }

    private static HttpAnswer parse(String text) throws IOException {
        return new HttpAnswers(new java.io.ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))).next();
    }
}
