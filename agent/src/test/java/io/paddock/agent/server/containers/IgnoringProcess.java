package io.paddock.agent.server.containers;

import io.paddock.common.Signals;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;

/** A process started with signals ignored, that says what its container and a session in there ignore. */
public final class IgnoringProcess {
    private static final String IGNORED = "sed -n 's/SigIgn:[^0-9a-f]*/%s /p' /proc/self/status";

    private IgnoringProcess() {}

    /** @param arguments a work directory, the runtime */
    public static void main(String[] arguments) throws Exception {
        Path workDir = Path.of(arguments[0]);
        try (Containers containers = NativeContainers.start(
                ContainersOptions.defaults(workDir).withRuntime(arguments[1]),
                Executors.newFixedThreadPool(2),
                Executors.newSingleThreadScheduledExecutor())) {
            RunningContainers.get(containers.recover());
            ContainerSpec spec = new ContainerSpec(
                    ContainerIds.of("c"),
                    Optional.of(RunningContainers.sh(IGNORED.formatted("container") + "; echo ready; sleep 1000")),
                    Optional.empty(),
                    Map.of(),
                    Optional.empty(),
                    workDir.resolve("sandbox"),
                    Limits.NONE,
                    List.of());
            RunningContainers.get(containers.launch(spec));
            RunningContainers.awaitOutput(spec, "ready");
            ExecSession session = RunningContainers.get(
                    containers.exec(spec.id(), ExecSpec.of(RunningContainers.sh(IGNORED.formatted("session")))));
            // The agent itself still ignores it.
            new ProcessBuilder(
                            "kill",
                            "-" + Signals.SIGINT,
                            Long.toString(ProcessHandle.current().pid()))
                    .start()
                    .waitFor();
            System.out.print(Files.readString(spec.sandbox().resolve("stdout")));
            try (InputStream output = session.stdout()) {
                System.out.print(new String(output.readAllBytes(), StandardCharsets.UTF_8));
            }
            RunningContainers.get(containers.destroy(spec.id()));
        }
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }
}
