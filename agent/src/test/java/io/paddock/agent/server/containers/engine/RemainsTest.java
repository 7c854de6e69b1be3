package io.paddock.agent.server.containers.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.agent.server.containers.PendingOperation;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemainsTest {
    @TempDir
    private Path directory;

    private final ExecutorService blocking = Executors.newFixedThreadPool(2);
    private final AtomicInteger attempts = new AtomicInteger();
    private volatile boolean broken = true;
    private final Hook network = new Hook() {
        @Override
        public String name() {
            return "network";
        }

        @Override
        public void prepare(Launch launch) {}

        @Override
        public void cleanup(ContainerRecord record) throws IOException {
            attempts.incrementAndGet();
            if (broken || record.name().equals("odd")) {
                throw new IOException("out of order");
            }
        }
    };
    private final Remains remains = new Remains(
            (Isolation) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {Isolation.class}, (proxy, method, args) -> null),
            new Recipe(List.of(network)),
            new BlockingWork(blocking),
            Duration.ofMillis(50));

    @AfterEach
    void close() {
        remains.close();
        blocking.shutdownNow();
    }

    private void undo(String name) {
        remains.undo(new ContainerRecord(directory.resolve("containers"), directory.resolve("exits"), name));
    }

    @Test
    void oneStandsForAllThatFailAtTheSameStep() {
        undo("odd");
        for (int i = 1; i < 150; i++) {
            undo("c" + i);
        }
        List<PendingOperation> listed = remains.pending();
        assertThat(listed).hasSize(100);
        assertThat(listed.get(0).container()).isEqualTo("odd");
        assertThat(listed.get(98).operation()).endsWith("out of order");
        assertThat(listed.get(99).operation()).endsWith("out of order (and 50 more launches)");
        await().until(() -> attempts.get() >= 152);
        assertThat(attempts.get()).as("150 launches, and a few rounds").isLessThan(170);
        assertThat(remains.problem("c149"))
                .hasValueSatisfying(why -> assertThat(why).contains("out of order"));

        broken = false;
        await().untilAsserted(() -> assertThat(remains.pending())
                .extracting(PendingOperation::container)
                .containsExactly("odd"));
        assertThat(remains.problem("c149")).isEmpty();
        assertThat(attempts.get()).as("and once for each that is gone").isLessThan(330);
    }
}
