package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.tools.Durable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Holds the sandbox of a nested container: what runs in the container around it may put a link in its place at any time. The way
 * to other sandboxes is the agent's alone.
 */
final class NestedSandboxHook implements Hook {
    private final Path places;
    private final HeldPaths held;

    /** @param places a directory of the agent's own */
    NestedSandboxHook(Path places) {
        this.places = places;
        this.held = new HeldPaths(places);
    }

    @Override
    public String name() {
        return "nested-sandbox";
    }

    @Override
    public void prepare(Launch launch) throws IOException {
        if (launch.spec().id().hasParent() && launch.spec().command().isPresent()) {
            Path outermost = launch.spec().outermostSandbox();
            launch.sandboxHeldAt(
                    held.hold(launch.record(), outermost, launch.spec().sandboxBelow(), "sandbox", "sandbox"));
        }
    }

    @Override
    public void cleanup(ContainerRecord record) throws IOException {
        held.cleanup(record);
        Durable.deleteTree(places.resolve(record.name()));
    }
}
