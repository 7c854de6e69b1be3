package io.paddock.client.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskReconciliationTest {
    private static final TaskID A = TaskID.newBuilder().setValue("a").build();
    private static final TaskID B = TaskID.newBuilder().setValue("b").build();
    private static final AgentID AGENT = AgentID.newBuilder().setValue("s").build();

    private final TaskReconciliation reconciliation =
            new TaskReconciliation(Duration.ofSeconds(2), Duration.ofSeconds(8), 3);

    private static Map<TaskID, AgentID> tasks() {
        Map<TaskID, AgentID> tasks = new LinkedHashMap<>();
        tasks.put(A, AGENT);
        tasks.put(B, null);
        return tasks;
    }

    @Test
    void asksUntilEveryTaskIsAnsweredAndLessAndLessOften() {
        Instant now = Instant.EPOCH;
        reconciliation.start(now, tasks());
        Call first = reconciliation.poll(now).orElseThrow();
        assertThat(first.getReconcile().getTasksList())
                .extracting(t -> t.getTaskId().getValue() + "@" + t.getAgentId().getValue())
                .containsExactly("a@s", "b@");
        reconciliation.answered(A);
        for (long bound : List.of(2L, 4L, 8L, 8L)) {
            Instant next = reconciliation.nextAt().orElseThrow();
            assertThat(Duration.between(now, next))
                    .isBetween(Duration.ofMillis(bound * 500), Duration.ofSeconds(bound));
            assertThat(reconciliation.poll(next.minusNanos(1))).isEmpty();
            assertThat(reconciliation.poll(next).orElseThrow().getReconcile().getTasksList())
                    .extracting(Call.Reconcile.Task::getTaskId)
                    .containsExactly(B);
            now = next;
        }
        reconciliation.answered(B);
        assertThat(reconciliation.nextAt()).isEmpty();
        assertThat(reconciliation.poll(now.plusSeconds(100))).isEmpty();
    }

    @Test
    void nothingToAskIsNotAnImplicitQuestion() {
        reconciliation.start(Instant.EPOCH, Map.of());
        assertThat(reconciliation.poll(Instant.EPOCH)).isEmpty();
    }

    @Test
    void aLostMasterEndsTheRound() {
        reconciliation.start(Instant.EPOCH, tasks());
        reconciliation.stop();
        assertThat(reconciliation.poll(Instant.EPOCH.plusSeconds(60))).isEmpty();
        assertThat(reconciliation.open()).isZero();
    }
}
