package io.paddock.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.client.core.Calls;
import io.paddock.client.testkit.InMemoryMaster;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MasterConnectionTest {
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
        connection = MasterConnection.open(
                ConnectionOptions.to(master.address()),
                () -> Calls.subscribe(DriverOptions.of(master.address(), "test").framework(), List.of()),
                new MasterConnection.Listener() {
                    @Override
                    public void event(Event event) {
                        subscribed.complete(null);
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
