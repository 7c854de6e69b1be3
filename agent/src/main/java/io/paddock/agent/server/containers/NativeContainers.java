package io.paddock.agent.server.containers;

import io.paddock.agent.server.containers.engine.Isolation;
import io.paddock.agent.server.containers.engine.OutputBound;
import io.paddock.agent.server.containers.engine.OutputFiles;
import io.paddock.agent.server.containers.engine.RecordedContainers;
import io.paddock.agent.server.containers.fetch.Fetcher;
import io.paddock.agent.server.containers.oci.OciIsolation;
import io.paddock.agent.server.containers.oci.OciSetup;
import io.paddock.agent.server.containers.processes.ProcessIsolation;
import io.paddock.agent.server.containers.recipe.Secrets;
import io.paddock.agent.server.containers.tools.LaunchThreads;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.platform.linux.IgnoredSignals;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses how containers are run on this machine. */
public final class NativeContainers {
    private static final Logger LOG = LoggerFactory.getLogger(NativeContainers.class);

    private NativeContainers() {}

    /**
     * Starts with the best isolation there is, and says once what is missing for more. Blocks for some milliseconds. What this
     * process ignores of signals, containers will not.
     *
     * @param blocking runs all blocking work but launches and pulls; a bounded pool
     * @param timers deadlines and upkeep; one thread is enough
     * @throws IOException when the runtime asked for cannot be used; the message says what is missing
     */
    public static Containers start(ContainersOptions options, Executor blocking, ScheduledExecutorService timers)
            throws IOException {
        IgnoredSignals.keepToThisProcess();
        Isolation isolation = isolation(options, new Tools(timers), blocking);
        isolation.facilities().warnings().forEach(warning -> LOG.warn("containers: {}", warning));
        ContainersOptions.Bounds bounds = options.bounds();
        return new RecordedContainers(
                options.workDir(),
                isolation,
                blocking,
                new LaunchThreads(),
                timers,
                new OutputFiles(new OutputBound(bounds.maxOutputBytes(), bounds.maxOutputFiles()), blocking),
                bounds.watchInterval(),
                bounds.enforceDisk());
    }

    private static Isolation isolation(ContainersOptions options, Tools tools, Executor blocking) throws IOException {
        Path sessions = options.workDir().resolve("sessions");
        Tools downloading = tools.endingWithTheAgent(options.workDir());
        Fetcher fetcher = new Fetcher(options.fetch(), downloading);
        Secrets secrets = new Secrets(options.policy().secretsDir());
        if (options.runtime().equals("processes")) {
            return new ProcessIsolation(List.of(), sessions, fetcher, secrets, tools);
        }
        OciSetup setup = new OciSetup(options, fetcher, tools, downloading, blocking);
        Optional<OciIsolation> isolation = setup.find();
        if (isolation.isPresent()) {
            return isolation.get();
        }
        if (!options.runtime().equals("auto")) {
            throw new IOException("container runtime " + options.runtime() + " cannot be used: "
                    + String.join("; ", setup.missing()));
        }
        return new ProcessIsolation(setup.missing(), sessions, fetcher, secrets, tools);
    }
}
