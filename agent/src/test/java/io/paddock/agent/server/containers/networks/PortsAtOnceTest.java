package io.paddock.agent.server.containers.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Containers are launched and end on many threads. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PortsAtOnceTest {
    private static final int THREADS = 8;
    private static final int ROUNDS = 200;
    private static final int ATTEMPTS = 1000;
    /** Below those that the kernel chooses for connections. */
    private static final int FIRST_PORT = 12_000;

    @TempDir
    private Path directory;

    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final CyclicBarrier start = new CyclicBarrier(THREADS);
    private final List<Path> holders = new ArrayList<>();
    private PortClaims claims;

    private interface Work<T> {
        T of(int holder) throws Exception;
    }

    @BeforeEach
    void make() throws IOException {
        claims = new PortClaims(directory.resolve("ports"));
        for (int i = 0; i < THREADS; i++) {
            holders.add(Files.createFile(directory.resolve("holder-" + i)));
        }
    }

    @AfterEach
    void end() {
        claims.letGo();
        threads.shutdownNow();
    }

    /** What came of it for each holder. */
    private <T> List<T> atOnce(Work<T> work) throws Exception {
        List<Callable<T>> calls = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int holder = i;
            calls.add(() -> {
                start.await();
                return work.of(holder);
            });
        }
        List<T> results = new ArrayList<>();
        for (Future<T> each : threads.invokeAll(calls)) {
            results.add(each.get());
        }
        return results;
    }

    @Test
    void aPortLeadsToOneOfThemAndIsFreeAfterIt() throws Exception {
        PortMapping port = free();
        for (int round = 0; round < ROUNDS; round++) {
            List<Boolean> got = atOnce(holder -> got(port, holder));
            assertThat(got).as("round " + round).containsOnlyOnce(true);
            Path holder = holders.get(got.indexOf(true));
            assertThat(directory.resolve("ports/tcp-" + port.hostPort())).hasContent(holder.toString());
            assertThatThrownBy(() -> new ServerSocket(port.hostPort())).isInstanceOf(BindException.class);
            atOnce(each -> {
                claims.release(List.of(port), holders.get(each));
                return true;
            });
            new ServerSocket(port.hostPort()).close();
        }
    }

    /** Each with its own idea of who has bound what. */
    @Test
    void ofManyAgentsOneGetsItAndKeepsIt() throws Exception {
        PortMapping port = free();
        Path file = directory.resolve("ports/tcp-" + port.hostPort());
        List<PortClaims> agents = Stream.generate(() -> new PortClaims(directory.resolve("ports")))
                .limit(THREADS)
                .toList();
        for (int round = 0; round < ROUNDS; round++) {
            List<Boolean> got = atOnce(holder -> {
                boolean mine = got(agents.get(holder), port, holder);
                if (!mine) {
                    agents.get(holder).release(List.of(port), holders.get(holder));
                }
                return mine;
            });
            assertThat(got).as("round " + round).containsOnlyOnce(true);
            int winner = got.indexOf(true);
            assertThat(file).hasContent(holders.get(winner).toString());
            agents.get(winner).release(List.of(port), holders.get(winner));
            // Void from now on, and everybody sees it.
            Files.writeString(file, directory.resolve("gone").toString());
        }
    }

    private boolean got(PortMapping port, int holder) {
        return got(claims, port, holder);
    }

    private boolean got(PortClaims agent, PortMapping port, int holder) {
        try {
            agent.claim(port, holders.get(holder));
            return true;
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("leads to container holder-");
            return false;
        }
    }

    @Test
    void aPortThatIsTakenAndGivenBackIsNobodyElsesMeanwhile() throws Exception {
        PortMapping port = free();
        Path file = directory.resolve("ports/tcp-" + port.hostPort());
        AtomicReference<Path> leadsTo = new AtomicReference<>();
        atOnce(holder -> {
            Path mine = holders.get(holder);
            for (int i = 0; i < ATTEMPTS; i++) {
                if (got(port, holder)) {
                    assertThat(leadsTo.getAndSet(mine)).isNull();
                    assertThat(file).hasContent(mine.toString());
                    leadsTo.set(null);
                    claims.release(List.of(port), mine);
                }
            }
            return true;
        });
        assertThat(file).doesNotExist();
        new ServerSocket(port.hostPort()).close();
    }

    private static PortMapping free() {
        for (int number = FIRST_PORT; ; number++) {
            try {
                new ServerSocket(number).close();
                return new PortMapping(number, 80, "tcp");
            } catch (IOException e) {
                // Another one, then.
            }
        }
    }
}
