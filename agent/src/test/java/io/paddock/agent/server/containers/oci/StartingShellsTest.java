package io.paddock.agent.server.containers.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.server.containers.ExecSession;
import io.paddock.agent.server.containers.ExecSpec;
import io.paddock.agent.server.containers.cgroups.CgroupsV2;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Records;
import io.paddock.platform.linux.ConnectedProgram;
import io.paddock.proto.v1.CommandInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shells of checks that do not come to be ready. */
class StartingShellsTest {
    private static final ExecSpec COMMAND =
            ExecSpec.silent(CommandInfo.newBuilder().setValue("true").build());

    @TempDir
    private Path directory;

    private final List<ConnectedProgram> programs = new ArrayList<>();
    private KeptShells shells;
    private ContainerRecord record;

    @BeforeEach
    void open() throws IOException {
        Groups groups = new Groups(Machine.of(directory, "/paddock"));
        // Nothing that blocks is of interest here: it looks for what is in a container.
        shells = new KeptShells(
                Files.createDirectory(directory.resolve("tmp")),
                new ShellRemains(new CgroupsV2(directory), groups),
                task -> {});
        record = Records.of(directory.resolve("containers"), "web");
    }

    @AfterEach
    void close() {
        shells.close();
        programs.forEach(ConnectedProgram::kill);
    }

    /** A runtime that never comes to start the shell. */
    private final class Starting implements KeptShells.Ways {
        @Override
        public ConnectedProgram shell(String name, Path description, Path meeting) throws IOException {
            Files.writeString(description, "a secret");
            ConnectedProgram program = ConnectedProgram.start(List.of("/bin/sleep", "1000"), Map.of(), meeting);
            programs.add(program);
            return program;
        }

        @Override
        public ExecSession alone() throws IOException {
            throw new IOException("by the runtime");
        }
    }

    private List<Path> descriptions() throws IOException {
        try (var files = Files.list(directory.resolve("tmp"))) {
            return files.toList();
        }
    }

    @Test
    void whatDescribesOneThatCannotBeStartedIsDeleted() throws IOException {
        assertThatThrownBy(() -> shells.run(record, COMMAND, new KeptShells.Ways() {
                    @Override
                    public ConnectedProgram shell(String name, Path description, Path meeting) throws IOException {
                        Files.writeString(description, "a secret");
                        throw new IOException("too many processes");
                    }

                    @Override
                    public ExecSession alone() throws IOException {
                        throw new IOException("by the runtime");
                    }
                }))
                .hasMessage("by the runtime");
        assertThat(descriptions()).isEmpty();
    }

    @Test
    void oneThatCannotBeHeardIsEnded() throws IOException {
        Starting starting = new Starting();
        assertThatThrownBy(() -> shells.run(record, COMMAND, new KeptShells.Ways() {
                    @Override
                    public ConnectedProgram shell(String name, Path description, Path meeting) throws IOException {
                        ConnectedProgram program = starting.shell(name, description, meeting);
                        program.channel().close();
                        return program;
                    }

                    @Override
                    public ExecSession alone() throws IOException {
                        return starting.alone();
                    }
                }))
                .hasMessage("by the runtime");
        assertThat(descriptions()).isEmpty();
        assertThat(ProcessHandle.of(programs.get(0).pid())).isEmpty();
        programs.clear();
    }

    @Test
    void whatDescribesThoseBeingStartedIsDeletedWhenTheAgentEnds() throws IOException {
        shells.run(record, COMMAND, new Starting());
        assertThat(descriptions()).hasSize(1);
        shells.close();
        assertThat(descriptions()).isEmpty();
    }

    @Test
    void theEndOfTheContainerIsNoFailureOfALaterOneOfItsName() throws IOException {
        for (int i = 0; i < 3; i++) {
            shells.run(record, COMMAND, new Starting());
        }
        shells.forget(record);
        ContainerRecord later = Records.of(directory.resolve("containers"), "web");
        shells.run(later, COMMAND, new Starting());
        assertThat(programs).hasSize(4);
    }
}
