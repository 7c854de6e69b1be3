package io.paddock.master.server.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.platform.metrics.Metrics;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Instant;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

class ClusterMetricsTest {
    @Test
    void anEndIsCountedUnderItsReasonOnlyIfItHasOne() {
        try (Metrics metrics = new Metrics("master")) {
            ClusterMetrics counted =
                    new ClusterMetrics(metrics, Instant.EPOCH, true, new PrincipalMetrics(principal -> 0), () -> 0);
            TaskStatus.Builder status = TaskStatus.newBuilder()
                    .setTaskId(TaskID.newBuilder().setValue("t"))
                    .setState(TaskState.TASK_FAILED)
                    .setSource(TaskStatus.Source.SOURCE_AGENT);
            counted.count(ended(status));
            counted.count(ended(status.setReason(TaskStatus.Reason.REASON_AGENT_RESTARTED)));
            SortedMap<String, Double> values = counted.values(null, null, 0);
            assertThat(values).containsEntry("master/tasks_failed", 2.0);
            assertThat(values.subMap("master/task_", "master/task_~"))
                    .containsOnlyKeys("master/task_failed/source_slave/reason_slave_restarted");
        }
    }

    private static ClusterChange ended(TaskStatus.Builder status) {
        return new ClusterChange.TaskUpdated("f", "root", status.build(), status.getState());
    }
}
