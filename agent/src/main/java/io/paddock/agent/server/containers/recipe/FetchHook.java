package io.paddock.agent.server.containers.recipe;

import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.fetch.Fetcher;
import io.paddock.proto.v1.CommandInfo;
import java.io.IOException;

/** Fetches the command's URIs into the sandbox, one after the other. They go with the sandbox. */
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
        if (launch.spec().command().isPresent()) {
            for (CommandInfo.URI uri : launch.spec().command().get().getUrisList()) {
                fetcher.fetch(uri, launch.spec().sandbox(), launch.cancellation());
            }
        }
    }
}
