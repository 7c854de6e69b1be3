package io.paddock.agent.server.containers.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.AbstractCollection;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UpkeepTest {
    private final ExecutorService blocking = Executors.newFixedThreadPool(4);
    private final CountDownLatch pruned = new CountDownLatch(1);
    private final AtomicInteger prunes = new AtomicInteger();
    private final AtomicInteger looks = new AtomicInteger();

    private final Isolation isolation = (Isolation) Proxy.newProxyInstance(
            Isolation.class.getClassLoader(), new Class<?>[] {Isolation.class}, (proxy, method, arguments) -> {
                assertThat(method.getName()).isEqualTo("upkeep");
                prunes.incrementAndGet();
                pruned.await();
                return null;
            });

    private final Collection<Held> containers = new AbstractCollection<>() {
        @Override
        public Iterator<Held> iterator() {
            looks.incrementAndGet();
            return Collections.emptyIterator();
        }

        @Override
        public int size() {
            return 0;
        }
    };

    private final Upkeep upkeep = new Upkeep(
            containers,
            isolation,
            new OutputFiles(new OutputBound(1, 1), blocking),
            Optional.empty(),
            blocking,
            (held, lost) -> {});

    @AfterEach
    void end() {
        blocking.shutdownNow();
    }

    private void lookAgain() {
        int before = looks.get();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            upkeep.run();
            return looks.get() > before;
        });
    }

    @Test
    void looksAtContainersWhileImagesAreDeletedForMinutes() {
        lookAgain();
        await().until(() -> prunes.get() == 1);
        lookAgain();
        lookAgain();
        assertThat(prunes).hasValue(1);
        pruned.countDown();
        await().until(() -> {
            upkeep.run();
            return prunes.get() > 1;
        });
    }
}
