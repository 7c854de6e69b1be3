package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.ContainerInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may write in an allowed place of the host shows nothing else of it. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class AllowedHostPathsTest {
    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    @TempDir
    Path directory;

    /** Just before the runtime mounts them, the directories become links. */
    @ParameterizedTest
    @CsvSource({"crun,0", "crun,1048576", "runc,0", "runc,1048576"})
    void whatWasJudgedIsWhatIsShown(String runtime, int firstUserId) throws Exception {
        Path allowed = Files.createDirectories(directory.resolve("allowed"));
        Path outside = Files.createDirectories(directory.resolve("outside"));
        Files.writeString(outside.resolve("file"), "the host's");
        for (String each : List.of("one", "two")) {
            Files.writeString(Files.createDirectories(allowed.resolve(each)).resolve("file"), each);
        }
        ContainerPolicy policy = ContainerPolicy.builder()
                .hostPaths(List.of(allowed))
                .firstUserId(firstUserId)
                .build();
        String program = swapping(runtime, allowed, outside).toString();
        try (RunningContainers running = RunningContainers.isolated(
                options -> options.withRuntime(program).withPolicy(policy))) {
            ContainerInfo.Builder info = ContainerInfos.docker(
                            registry.name("box:1"), "volume=" + allowed.resolve("two") + ":/two")
                    .addVolumes(ContainerInfos.volume("/one")
                            .setHostPath(allowed.resolve("one").toString()));
            ContainerSpec spec = running.spec(
                    Optional.of(RunningContainers.sh("cat /one/file /two/file")),
                    Optional.of(info.build()),
                    Limits.requested(0.1, 64));
            assertThat(running.run(spec).succeeded()).isTrue();
            assertThat(allowed.resolve("one")).isSymbolicLink();
            assertThat(allowed.resolve("two")).isSymbolicLink();
            assertThat(RunningContainers.stdout(spec)).isEqualTo("onetwo");
            running.destroy(spec);
            assertThat(running.traces()).noneMatch(trace -> trace.contains("held-"));
        }
        assertThat(outside.resolve("file")).hasContent("the host's");
    }

    /** A runtime that swaps them itself, when it is told to create a container. */
    private Path swapping(String runtime, Path allowed, Path outside) throws Exception {
        Path script = Files.createDirectories(directory.resolve("programs")).resolve(runtime);
        Files.writeString(script, """
                #!/bin/sh
                case " $* " in *" create "*)
                    for each in %1$s/one %1$s/two; do
                        [ -L $each ] || { mv $each $each.moved && ln -s %2$s $each; }
                    done
                esac
                exec env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin %3$s "$@"
                """.formatted(allowed, outside, runtime));
        return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
