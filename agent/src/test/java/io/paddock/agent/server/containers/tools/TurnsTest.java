package io.paddock.agent.server.containers.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TurnsTest {
    private final Turns turns = new Turns("test", 1, 2);
    private final CountDownLatch answer = new CountDownLatch(1);
    private final BlockingQueue<String> done = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        turns.close();
    }

    private void awaitAnswer() {
        try {
            answer.await();
            done.add("answered");
        } catch (InterruptedException e) {
            done.add("interrupted");
        }
    }

    @Test
    void comeInOrderForEachMachineAndBesideOthers() throws Exception {
        assertThat(turns.execute("silent", this::awaitAnswer)).isTrue();
        assertThat(turns.execute("silent", () -> done.add("second"))).isFalse();
        assertThat(turns.execute("silent", () -> done.add("third"))).isFalse();
        assertThat(turns.execute("other", () -> done.add("other"))).isTrue();
        assertThat(done.take()).isEqualTo("other");
        assertThat(done).isEmpty();
        answer.countDown();
        assertThat(done.take()).isEqualTo("answered");
        assertThat(done.take()).isEqualTo("second");
        assertThat(done.take()).isEqualTo("third");
    }

    @Test
    void arePassedOnByWhatFails() throws Exception {
        turns.execute("machine", () -> {
            awaitAnswer();
            throw new CancelledForTest();
        });
        turns.execute("machine", () -> done.add("next"));
        answer.countDown();
        assertThat(done.take()).isEqualTo("answered");
        assertThat(done.take()).isEqualTo("next");
    }

    private static final class CancelledForTest extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @Test
    void neverComeAfterTheEnd() throws Exception {
        turns.execute("silent", this::awaitAnswer);
        turns.close();
        assertThatThrownBy(() -> turns.execute("silent", () -> done.add("late")))
                .isInstanceOf(RejectedExecutionException.class);
        assertThat(done.take()).isEqualTo("interrupted");
        assertThat(done).isEmpty();
    }
}
