package io.paddock.agent.server.containers.recipe;

import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.fetch.Fetcher;
import io.paddock.proto.v1.CommandInfo;
import java.io.IOException;

/** Fetches the command's URIs into the sandbox. They go with the sandbox. */
public final class FetchHook implements Hook {
    private final Fetcher fetcher;

    public FetchHook(Fetcher fetcher) {
        this.fetcher = fetcher;
    }

    @Override
    public String name() {
        return "fetch";
    }

    @Override
    public void prepare(Launch launch) throws IOException {
        ContainerSpec spec = launch.spec();
        if (spec.command().isPresent()) {
            CommandInfo command = spec.command().get();
            Fetcher.Destination destination = new Fetcher.Destination(
                    spec.outermostSandbox(),
                    spec.sandboxBelow(),
                    launch.record().file("fetched"),
                    spec.hostUser());
            fetcher.fetch(command.getUrisList(), destination, launch.cancellation());
        }
    }
}
