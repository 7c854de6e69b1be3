package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainerPolicy;
import io.paddock.agent.server.containers.cgroups.Cgroups;
import io.paddock.agent.server.containers.fetch.Fetcher;
import io.paddock.agent.server.containers.images.ImageStore;
import io.paddock.agent.server.containers.networks.Networks;
import io.paddock.agent.server.containers.recipe.Secrets;
import io.paddock.agent.server.containers.tools.Tools;
import java.nio.file.Path;
import java.util.concurrent.Executor;

/** What an OCI isolation is made of; {@link OciSetup} finds it. */
record Parts(
        Machine machine,
        Tools tools,
        RuntimePrograms runtime,
        Cgroups cgroups,
        Capabilities capabilities,
        HostSetup host,
        ImageStore images,
        Networks networks,
        Fetcher fetcher,
        Secrets secrets,
        ContainerPolicy policy,
        Path sessionsDirectory,
        long defaultPids,
        long outputBytes,
        Executor blocking) {}
