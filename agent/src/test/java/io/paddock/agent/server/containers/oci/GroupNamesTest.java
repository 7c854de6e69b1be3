package io.paddock.agent.server.containers.oci;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Records;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupNamesTest {
    @TempDir
    private Path directory;

    private Machine machine;
    private Groups groups;

    @BeforeEach
    void machine() {
        machine = Machine.of(directory, "/paddock");
        groups = new Groups(machine);
    }

    @Test
    void whatIsNestedInAContainerWithoutAProcessLivesBelowItsGroup() throws IOException {
        ContainerID pod = ContainerIds.of("pod");
        assertThat(groups.choose(record(pod), spec(pod, Optional.empty()))).isEqualTo(machine.cgroup() + "/pod");
        ContainerID task = ContainerIds.nested(pod, "task");
        assertThat(groups.choose(record(task), spec(task, Optional.of("true"))))
                .isEqualTo(machine.cgroup() + "/pod/task")
                .isEqualTo(groups.of(record(task)));
    }

    @Test
    void whatIsNestedInAProcessStandsBesideIt() throws IOException {
        ContainerID task = ContainerIds.of("task");
        assertThat(groups.choose(record(task), spec(task, Optional.of("true")))).isEqualTo(machine.cgroup() + "/task");
        ContainerID helper = ContainerIds.nested(task, "helper");
        assertThat(groups.choose(record(helper), spec(helper, Optional.of("true"))))
                .isEqualTo(machine.cgroup() + "/" + ContainerIds.text(helper));
    }

    @Test
    void aRecordThatIsGoneIsNotInTheWay() throws IOException {
        ContainerRecord gone = Records.of(directory, "gone");
        assertThat(groups.of(gone)).isEqualTo(machine.cgroup() + "/gone");
    }

    private ContainerRecord record(ContainerID id) throws IOException {
        ContainerRecord record = Records.of(directory, ContainerIds.text(id));
        Files.createDirectories(record.directory());
        return record;
    }

    private ContainerSpec spec(ContainerID id, Optional<String> command) {
        return new ContainerSpec(
                id,
                command.map(value -> CommandInfo.newBuilder().setValue(value).build()),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                directory,
                Limits.NONE,
                List.of());
    }
}
