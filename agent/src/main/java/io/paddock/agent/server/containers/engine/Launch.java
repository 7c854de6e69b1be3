package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Launched;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.proto.v1.NetworkInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A launch on its way through the hooks: what it is, and what the hooks have found out so far. One thread. */
public class Launch {
    private final ContainerSpec spec;
    private final ContainerRecord record;
    private final Cancellation cancellation;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final List<NetworkInfo> networks = new ArrayList<>();
    private List<NetworkInfo> inherited = List.of();
    private Optional<Path> namespace = Optional.empty();
    private Path sandbox;
    private long pid;

    public Launch(ContainerSpec spec, ContainerRecord record, Cancellation cancellation) {
        this.spec = spec;
        this.record = record;
        this.cancellation = cancellation;
        this.sandbox = spec.sandbox();
    }

    public ContainerSpec spec() {
        return spec;
    }

    public ContainerRecord record() {
        return record;
    }

    public Cancellation cancellation() {
        return cancellation;
    }

    /** Where the agent finds its sandbox, whatever others do. */
    public Path sandbox() {
        return sandbox;
    }

    /** It is held at a place of the agent's own. */
    public void sandboxHeldAt(Path place) throws IOException {
        sandbox = place;
        record.sandboxIsAt(place);
    }

    /** What the process will see, so far; later hooks add to it. */
    public Map<String, String> environment() {
        return environment;
    }

    public List<NetworkInfo> networks() {
        return networks;
    }

    void inherit(List<NetworkInfo> networksOfParent) {
        inherited = List.copyOf(networksOfParent);
    }

    /** Those of the container it is nested in. */
    public List<NetworkInfo> inheritedNetworks() {
        return inherited;
    }

    /** It is not in the host's network: the file that holds the namespace it is in. */
    public void runIn(Path networkNamespace) {
        namespace = Optional.of(networkNamespace);
    }

    /** The last hook tells the first process; 0 when there is none. */
    public void startedAs(long processId) {
        pid = processId;
    }

    Launched launched() {
        return new Launched(pid, networks, namespace);
    }
}
