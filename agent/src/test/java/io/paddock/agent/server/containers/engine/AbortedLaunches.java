package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.ContainersOptions;
import io.paddock.agent.server.containers.fetch.Fetcher;
import io.paddock.agent.server.containers.oci.OciIsolation;
import io.paddock.agent.server.containers.oci.OciSetup;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Tools;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;

/** Launches that stop dead after a step, as if the process had died there. */
public final class AbortedLaunches {
    private final Path workDir;
    private final OciIsolation isolation;

    public AbortedLaunches(Path workDir, ContainersOptions options, ScheduledExecutorService timers)
            throws IOException {
        this.workDir = workDir;
        Tools tools = new Tools(timers);
        Fetcher fetcher = new Fetcher(options.fetch(), tools);
        this.isolation =
                new OciSetup(options, fetcher, tools, tools, timers).find().orElseThrow();
        isolation.open(List.of());
    }

    public List<String> steps() {
        return isolation.recipe().stream().map(Hook::name).toList();
    }

    /** Ends a container that was launched, undoes its steps from the last down to this one, and forgets that. */
    public void destroyUntil(String last, ContainerSpec spec) throws Exception {
        ContainerRecord record = new ContainerRecord(
                workDir.resolve("containers"), workDir.resolve("exits"), ContainerRecord.nameOf(spec.id()));
        isolation.kill(record);
        List<Hook> hooks = isolation.recipe();
        for (int i = hooks.size() - 1; i >= 0; i--) {
            hooks.get(i).cleanup(record);
            if (hooks.get(i).name().equals(last)) {
                return;
            }
        }
    }

    /** Carries out the steps up to this one, and forgets the launch. */
    public void launchUntil(String last, ContainerSpec spec) throws Exception {
        ContainerRecord record = new ContainerRecord(
                workDir.resolve("containers"), workDir.resolve("exits"), ContainerRecord.nameOf(spec.id()));
        record.create(spec);
        Launch launch = isolation.launch(spec, record, new Cancellation());
        for (Hook hook : isolation.recipe()) {
            hook.prepare(launch);
            if (hook.name().equals(last)) {
                return;
            }
        }
    }
}
