package io.paddock.agent.server.containers;

import io.paddock.agent.server.containers.engine.Isolation;
import io.paddock.agent.server.containers.engine.OutputFiles;
import io.paddock.agent.server.containers.engine.RecordedContainers;
import io.paddock.agent.server.containers.oci.OciIsolation;
import io.paddock.agent.server.containers.oci.OciSetup;
import io.paddock.agent.server.containers.tools.Tools;
import java.io.IOException;
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
     * Starts with the best isolation there is, and says once what is missing for more. Blocks for some milliseconds.
     *
     * @param blocking runs all blocking work; a bounded pool
     * @param timers deadlines and upkeep; one thread is enough
     * @throws IOException when the runtime asked for cannot be used; the message says what is missing
     */
    public static Containers start(ContainersOptions options, Executor blocking, ScheduledExecutorService timers)
            throws IOException {
        Isolation isolation = isolation(options, new Tools(timers));
        isolation.facilities().warnings().forEach(warning -> LOG.warn("containers: {}", warning));
        return new RecordedContainers(
                options.workDir(),
                isolation,
                blocking,
                timers,
                new OutputFiles(options.maxOutputBytes()),
                options.watchInterval());
    }

    private static Isolation isolation(ContainersOptions options, Tools tools) throws IOException {
        OciSetup setup = new OciSetup(options, tools);
        Optional<OciIsolation> isolation = setup.find();
        return isolation.orElseThrow(() -> new IOException(String.join("; ", setup.missing())));
    }
}
