package io.paddock.marathon.core;

import io.paddock.marathon.core.deploy.Action;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.App;
import java.time.Instant;
import java.util.List;

/** What a request came to. */
public sealed interface Answer {
    /**
     * A deployment was started.
     *
     * @param apps the definitions as they were stored
     * @param created whether the app or group asked for is new
     */
    record Deploying(String deploymentId, Instant version, List<App> apps, boolean created) implements Answer {
        public Deploying {
            apps = List.copyOf(apps);
        }
    }

    /** These instances were told to end. */
    record Killing(List<Instance> instances) implements Answer {
        public Killing {
            instances = List.copyOf(instances);
        }
    }

    /** What would be done. */
    record Planned(List<List<Action>> steps) implements Answer {}

    /** What there is. */
    record Seen(MarathonView view) implements Answer {}

    /** Done; there is nothing to say. */
    record Done() implements Answer {}

    /** The definition was changed meanwhile: read it again and repeat. */
    record Stale() implements Answer {}

    /** Refused; nothing was changed. */
    record Refused(Refusal refusal) implements Answer {}
}
