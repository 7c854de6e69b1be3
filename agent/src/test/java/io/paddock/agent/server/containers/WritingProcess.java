package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.TTYInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;

/** A process that launches one container and waits to be killed. */
public final class WritingProcess {
    private static final String LAUNCHED = "launched";

    private WritingProcess() {}

    /** A process of this kind that has launched its container. */
    static Process start(ContainerSpec spec, Path workDir, long outputBytes) throws Exception {
        Process agent = new ProcessBuilder(StartedJava.command(
                        WritingProcess.class,
                        workDir.toString(),
                        Long.toString(outputBytes),
                        ContainerIds.text(spec.id()),
                        spec.command().orElseThrow().getValue(),
                        Boolean.toString(spec.hasTerminal())))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(agent.inputReader().readLine()).isEqualTo(LAUNCHED);
        return agent;
    }

    /** @param arguments a work directory, the bound of outputs, the container's name, its command, whether in a terminal */
    public static void main(String[] arguments) throws Exception {
        Path workDir = Path.of(arguments[0]);
        Containers containers = NativeContainers.start(
                ContainersOptions.defaults(workDir)
                        .withWatchInterval(Duration.ofMillis(200))
                        .withDiskBounds(Long.parseLong(arguments[1]), false),
                Executors.newFixedThreadPool(2),
                Executors.newSingleThreadScheduledExecutor());
        RunningContainers.get(containers.recover());
        Optional<ContainerInfo> terminal = Boolean.parseBoolean(arguments[4])
                ? Optional.of(ContainerInfo.newBuilder()
                        .setType(ContainerInfo.Type.MESOS)
                        .setTtyInfo(TTYInfo.getDefaultInstance())
                        .build())
                : Optional.empty();
        RunningContainers.get(containers.launch(new ContainerSpec(
                ContainerIds.of(arguments[2]),
                Optional.of(RunningContainers.sh(arguments[3])),
                terminal,
                Map.of(),
                Optional.empty(),
                workDir.resolve("sandboxes").resolve(arguments[2]),
                Limits.requested(0.1, 64),
                List.of())));
        System.out.println(LAUNCHED);
        System.out.flush();
    }
}
