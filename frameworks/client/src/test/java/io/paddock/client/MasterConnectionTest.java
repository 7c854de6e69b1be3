package io.paddock.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.client.core.Calls;
import io.paddock.client.testkit.InMemoryMaster;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MasterConnectionTest {
    private static final int AWAITED = 12;

    private final InMemoryMaster master = InMemoryMaster.start();
    private final CompletableFuture<Void> subscribed = new CompletableFuture<>();
    private MasterConnection connection;
    private ProxySelector usual;

    @BeforeEach
    void remember() {
        usual = ProxySelector.getDefault();
    }

    @AfterEach
    void close() {
        ProxySelector.setDefault(usual);
        connection.close();
        master.close();
    }

    private void open() {
        open(options());
    }

    private ConnectionOptions options() {
        return ConnectionOptions.to(master.address()).withBackoff(Duration.ofMillis(20), Duration.ofMillis(100));
    }

    private void open(ConnectionOptions options) {
        open(options, this::subscribe, event -> {});
    }

    private Call subscribe() {
        return Calls.subscribe(DriverOptions.of(master.address(), "test").framework(), List.of());
    }

    private void open(ConnectionOptions options, Supplier<Call> subscribe, Consumer<Event> heard) {
        connection = MasterConnection.open(options, subscribe, new MasterConnection.Listener() {
            @Override
            public void event(Event event) {
                subscribed.complete(null);
                heard.accept(event);
            }

            @Override
            public void failed(String reason) {
                subscribed.completeExceptionally(new IllegalStateException(reason));
            }
        });
        subscribed.orTimeout(30, TimeUnit.SECONDS).join();
    }

    private static ConditionFactory eventually() {
        return Awaitility.await().atMost(Duration.ofSeconds(30));
    }

    /** Else a master that hangs collects one connection for each try, and subscribes us by all of them later. */
    @Test
    void aTryThatIsNotAnsweredEndsWithItsConnection() throws Exception {
        try (ServerSocket hanging = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            connection = MasterConnection.open(
                    ConnectionOptions.to("127.0.0.1:" + hanging.getLocalPort()),
                    this::subscribe,
                    new MasterConnection.Listener() {
                        @Override
                        public void event(Event event) {}

                        @Override
                        public void failed(String reason) {}
                    });
            try (Socket tried = hanging.accept()) {
                tried.setSoTimeout(5_000);
                assertThat(tried.getInputStream().read()).isEqualTo('P');
                connection.close();
                tried.getInputStream().readAllBytes();
            }
        }
    }

    @Test
    void whatDependsOnAnOutcomeAndBlocksHoldsUpNoCall() throws Exception {
        open();
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(1);
        try {
            connection.send(
                    Calls.revive(List.of()),
                    outcome -> outcome.thenRun(() -> {
                        blocked.countDown();
                        awaitUninterruptibly(free);
                    }));
            assertThat(blocked.await(30, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < 300; i++) {
                connection.send(Calls.suppress(List.of()));
            }
            eventually().until(() -> master.calls(Call.Type.SUPPRESS).size() == 300);
        } finally {
            free.countDown();
        }
    }

    /** The last: more than there are threads for. */
    @ParameterizedTest
    @ValueSource(ints = {1, 20, Outcomes.MOST_THREADS})
    void whatDependsOnOutcomesAndBlocksHoldsUpNoOther(int blocking) throws Exception {
        open();
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(blocking);
        try {
            for (int i = 0; i < blocking; i++) {
                connection.send(
                        Calls.revive(List.of()),
                        outcome -> outcome.thenRun(() -> {
                            blocked.countDown();
                            awaitUninterruptibly(free);
                        }));
            }
            assertThat(blocked.await(30, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < 300; i++) {
                connection.send(Calls.suppress(List.of())).toCompletableFuture().get(30, TimeUnit.SECONDS);
            }
        } finally {
            free.countDown();
        }
    }

    @Test
    void outcomesMayBeAwaitedWhereOutcomesComeFromInAnyNumber() throws Exception {
        open();
        List<CompletableFuture<Void>> awaited = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> last = new CompletableFuture<>();
        for (int i = 0; i < AWAITED; i++) {
            connection.send(
                    Calls.revive(List.of()),
                    outcome -> awaited.add(outcome.thenRun(last::join).toCompletableFuture()));
        }
        eventually().until(() -> master.calls(Call.Type.REVIVE).size() == AWAITED);
        connection.send(Calls.suppress(List.of()), outcome -> outcome.thenRun(() -> last.complete(null)));
        for (CompletableFuture<Void> each : awaited) {
            each.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void anExecutorThatFailsLosesNoOutcome() throws Exception {
        open(options().withExecutor(task -> {
            throw new IllegalStateException("broken");
        }));
        for (int i = 0; i < 3; i++) {
            connection.send(Calls.revive(List.of())).toCompletableFuture().get(30, TimeUnit.SECONDS);
        }
        assertThat(master.calls(Call.Type.SUBSCRIBE)).hasSize(1);
    }

    @Test
    void whatItsThreadIsGivenAfterTheEndIsRejected() throws Exception {
        open();
        connection.close();
        connection.ended().toCompletableFuture().get(30, TimeUnit.SECONDS);
        eventually()
                .untilAsserted(
                        () -> assertThatThrownBy(() -> connection.executor().execute(() -> {}))
                                .isInstanceOf(RejectedExecutionException.class)
                                .hasMessage("the driver has stopped"));
        assertThat(connection.send(Calls.revive(List.of())).toCompletableFuture())
                .failsWithin(Duration.ofSeconds(20));
    }

    @Test
    void outcomesComeWhereTheCallerWantsThem() throws Exception {
        ExecutorService mine = Executors.newSingleThreadExecutor(task -> new Thread(task, "mine"));
        try {
            open(options().withExecutor(mine));
            CompletableFuture<String> thread = new CompletableFuture<>();
            connection.send(
                    Calls.revive(List.of()),
                    outcome -> outcome.thenRun(
                            () -> thread.complete(Thread.currentThread().getName())));
            assertThat(thread.get(30, TimeUnit.SECONDS)).isEqualTo("mine");
        } finally {
            mine.shutdown();
        }
        connection.send(Calls.revive(List.of())).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    @Test
    void aCallThatCannotBeWrittenIsRefused() {
        open();
        Call withoutTask = Call.newBuilder()
                .setType(Call.Type.KILL)
                .setKill(Call.Kill.newBuilder().buildPartial())
                .buildPartial();
        assertThat(connection.send(withoutTask).toCompletableFuture())
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableThat()
                .withMessageContaining("KILL was not sent: it cannot be written: ")
                .withMessageContaining("kill.task_id");
    }

    @Test
    void aRedirectThatLeadsNowhereLosesNothing() {
        open();
        master.redirectTo("[nowhere");
        assertThat(connection.send(Calls.revive(List.of())).toCompletableFuture())
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableThat()
                .withMessageContaining("REVIVE was answered 307");
        master.redirectTo("no_host:5050");
        int before = master.calls(Call.Type.SUBSCRIBE).size();
        master.redirectTo(null);
        eventually().until(() -> master.calls(Call.Type.SUBSCRIBE).size() > before);
    }

    @Test
    void aRedirectToWhatIsNoAddressIsTriedAgain() {
        master.redirectTo("no_host:5050");
        List<String> troubles = new CopyOnWriteArrayList<>();
        connection = MasterConnection.open(options(), this::subscribe, new MasterConnection.Listener() {
            @Override
            public void event(Event event) {
                subscribed.complete(null);
            }

            @Override
            public void disconnected(String reason, Duration retryAfter) {
                troubles.add(reason);
            }

            @Override
            public void failed(String reason) {}
        });
        eventually().until(() -> troubles.stream().anyMatch(t -> t.contains("no_host:5050")));
        master.redirectTo(null);
        subscribed.orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Test
    void anAddressThatHttpCannotNameIsRefusedAtOnce() {
        open(); // for close()
        assertThatThrownBy(() -> MasterLocator.of(ConnectionOptions.to("mesos_master:5050")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'mesos_master:5050'");
    }

    @Test
    void whatTheFrameworkThrowsEndsNoConnection() {
        AtomicInteger tries = new AtomicInteger();
        List<Event.Type> heard = new CopyOnWriteArrayList<>();
        open(
                options(),
                () -> {
                    return switch (tries.incrementAndGet()) {
                        case 1 -> throw new IllegalStateException("not ready");
                        case 2 -> throw new AssertionError("nor now");
                        default -> subscribe();
                    };
                },
                event -> {
                    heard.add(event.getType());
                    throw new AssertionError("a listener may throw what it likes");
                });
        master.emit(Event.newBuilder().setType(Event.Type.RESCIND).build());
        eventually().until(() -> heard.contains(Event.Type.RESCIND));
        connection.send(Calls.revive(List.of())).toCompletableFuture().join();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void noProxyIsAskedForNeitherForTheStreamNorForCalls() {
        List<URI> asked = new CopyOnWriteArrayList<>();
        ProxySelector.setDefault(new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                asked.add(uri);
                return List.of(Proxy.NO_PROXY);
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException e) {
                asked.add(uri);
            }
        });
        open();
        connection.send(Calls.revive(List.of())).toCompletableFuture().join();
        assertThat(asked).isEmpty();
    }
}
