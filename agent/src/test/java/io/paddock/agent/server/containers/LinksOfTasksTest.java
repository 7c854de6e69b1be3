package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.tools.Mounts;
import io.paddock.proto.v1.CommandInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A sandbox is its tasks' to change: what they put there leads the agent nowhere else. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class LinksOfTasksTest {
    @TempDir
    Path directory;

    private RunningContainers running;
    private Path outside;
    private ContainerSpec parent;

    @BeforeEach
    void open() throws Exception {
        running = RunningContainers.isolated();
        outside = Files.createDirectories(directory.resolve("of-the-host"));
        parent = running.shell("sleep 1000");
        running.launch(parent);
    }

    @AfterEach
    void close() throws Exception {
        if (running != null) {
            running.close();
        }
    }

    private ContainerSpec nested(String name, CommandInfo command) {
        return RunningContainers.nested(parent, name, command, Optional.empty(), Limits.NONE);
    }

    /** As it would be for an executor that names its container after what it wants to have. */
    @Test
    void theSandboxOfANestedContainerFollowsNone() throws Exception {
        Path wanted = Files.createDirectories(outside.resolve("wanted"));
        Path secret = Files.writeString(wanted.resolve("secret"), "root's");
        Files.createSymbolicLink(parent.sandbox().resolve("containers"), outside);
        for (String name : List.of("wanted", "new")) {
            CommandInfo command =
                    RunningContainers.sh("true").toBuilder().setUser("nobody").build();
            assertThat(running.refused(nested(name, command)))
                    .hasMessageContaining("containers: is a link, which is not followed");
        }
        assertThat(Files.getAttribute(secret, "unix:uid")).isEqualTo(0);
        assertThat(Files.getAttribute(wanted, "unix:uid")).isEqualTo(0);
        try (Stream<Path> all = Files.list(outside)) {
            assertThat(all).containsExactly(wanted);
        }
    }

    @Test
    void theSandboxOfARunningNestedContainerStaysTheSame() throws Exception {
        Path gate = directory.resolve("gate");
        String waiting = "until [ -e " + gate + " ]; do sleep 0.05; done; echo after";
        ContainerSpec spec = nested("inner", RunningContainers.sh(waiting));
        running.launch(spec);
        Path moved = parent.sandbox().resolve("moved");
        Files.move(parent.sandbox().resolve("containers"), moved);
        Files.createSymbolicLink(parent.sandbox().resolve("containers"), outside);
        Files.createDirectories(outside.resolve("inner"));
        Files.writeString(gate, "");
        assertThat(running.exit(spec).succeeded()).isTrue();
        assertThat(moved.resolve("inner/stdout")).hasContent("after");
        running.destroy(spec);
        assertThat(outside.resolve("inner")).isEmptyDirectory();
        assertThat(Mounts.list()).noneMatch(mount -> mount.point().toString().contains(running.tag() + "/sandboxes"));
    }

    /** Its output would be the host's file, and opening a pipe would wait for a reader. */
    @Test
    void theOutputOfANestedContainerGoesToNoLinkAndNoPipe() throws Exception {
        Path sandbox = Files.createDirectories(parent.sandbox().resolve("containers/inner"));
        Path target = outside.resolve("file");
        Files.createSymbolicLink(sandbox.resolve("stdout"), target);
        assertThat(running.refused(nested("inner", RunningContainers.sh("echo x"))))
                .hasMessageContaining("Too many levels of symbolic links");
        assertThat(target).doesNotExist();
        Files.delete(sandbox.resolve("stdout"));
        LocalRegistry.run(sandbox, "mkfifo", "stdout");
        assertThat(running.refused(nested("inner", RunningContainers.sh("echo x"))))
                .hasMessageContaining("No such device or address");
    }

    /** The first archive plants the link, the second file would go over it. */
    @Test
    void fetchedArchivesPlantNone() throws Exception {
        Files.createDirectories(directory.resolve("a"));
        Files.createSymbolicLink(directory.resolve("a/out"), outside);
        Files.createDirectories(directory.resolve("b/out"));
        Files.writeString(directory.resolve("b/out/planted"), "x");
        LocalRegistry.run(directory, "tar", "-C", "a", "-cf", "first.tar", "out");
        LocalRegistry.run(directory, "tar", "-C", "b", "-cf", "second.tar", "out/planted");
        CommandInfo.URI first = CommandInfo.URI
                .newBuilder()
                .setValue(directory.resolve("first.tar").toString())
                .build();
        CommandInfo.URI second = CommandInfo.URI
                .newBuilder()
                .setValue(directory.resolve("second.tar").toString())
                .build();
        CommandInfo both = RunningContainers.sh("cat out/planted").toBuilder()
                .addUris(first)
                .addUris(second)
                .build();
        ContainerSpec spec = running.spec(Optional.of(both), Optional.empty(), Limits.NONE);
        assertThat(running.run(spec).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(spec)).isEqualTo("x");
        assertThat(outside).isEmptyDirectory();
        CommandInfo over = RunningContainers.sh("true").toBuilder()
                .addUris(first)
                .addUris(second.toBuilder().setOutputFile("out/second.tar"))
                .build();
        assertThat(running.refused(running.spec(Optional.of(over), Optional.empty(), Limits.NONE)))
                .hasMessageContaining("out: is a link, which is not followed");
        assertThat(outside).isEmptyDirectory();
    }

    /** The content of a persistent volume is a task's, too, and another volume may belong into it. */
    @Test
    void pointsInVolumesFollowNone() throws Exception {
        Path volume = Files.createDirectories(directory.resolve("volume"));
        Path other = Files.createDirectories(directory.resolve("other"));
        Path file = Files.writeString(directory.resolve("file"), "x");
        Files.createSymbolicLink(volume.resolve("planted"), outside);
        Files.createSymbolicLink(volume.resolve("also"), outside.resolve("new"));
        for (ContainerSpec.Mount second : List.of(
                new ContainerSpec.Mount(other, "data/planted/sub", false),
                new ContainerSpec.Mount(other, "data/planted", false),
                new ContainerSpec.Mount(file, "data/planted/file", false),
                new ContainerSpec.Mount(file, "data/also", false))) {
            assertThat(running.refused(mounting(volume, second)))
                    .hasMessageStartingWith("container_path " + second.containerPath() + " in the volume at ")
                    .hasMessageContaining("/data: ")
                    .hasMessageEndingWith(": is a link, which is not followed");
        }
        assertThat(outside).isEmptyDirectory();
        Files.writeString(other.resolve("seen"), "seen");
        ContainerSpec spec = mounting(volume, new ContainerSpec.Mount(other, "data/deep/sub", false));
        assertThat(running.run(spec).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(spec)).isEqualTo("seen");
        assertThat(volume.resolve("deep/sub")).isEmptyDirectory();
    }

    private ContainerSpec mounting(Path volume, ContainerSpec.Mount second) {
        ContainerSpec plain = running.spec(
                Optional.of(RunningContainers.sh("cat data/deep/sub/seen")), Optional.empty(), Limits.NONE);
        return RunningContainers.mounting(plain, new ContainerSpec.Mount(volume, "data", false), second);
    }
}
