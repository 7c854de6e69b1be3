package io.paddock.agent.server.containers;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;

/** A process that launches many containers and says which launches were reported, to be killed while it does. */
public final class LaunchingProcess {
    static final String LAUNCHING = "launching";

    private static final int CONTAINERS = 30;

    private LaunchingProcess() {}

    public static void main(String[] arguments) throws Exception {
        Path workDir = Path.of(arguments[0]);
        Containers containers = NativeContainers.start(
                ContainersOptions.defaults(workDir),
                Executors.newFixedThreadPool(4),
                Executors.newSingleThreadScheduledExecutor());
        RunningContainers.get(containers.recover());
        System.out.println(LAUNCHING);
        System.out.flush();
        for (int i = 0; i < CONTAINERS; i++) {
            String name = arguments[1] + "-" + i;
            ContainerSpec spec = new ContainerSpec(
                    ContainerIds.of(name),
                    Optional.of(RunningContainers.sh("sleep 1000")),
                    Optional.empty(),
                    Map.of(),
                    Optional.empty(),
                    workDir.resolve("sandboxes").resolve(name),
                    Limits.requested(0.1, 32),
                    List.of());
            var unused = containers.launch(spec).thenAccept(launched -> {
                System.out.println(name);
                System.out.flush();
            });
        }
    }
}
