package io.paddock.marathon.core;

import io.paddock.marathon.core.health.HealthResult;
import io.paddock.marathon.core.health.Readiness;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.launch.Backoff;
import io.paddock.marathon.core.launch.LaunchLog;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.PathId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * What readers may know of one app at one moment. Never changed after it was made.
 *
 * @param versions the definitions by version; the last one is in effect; empty when the app was deleted
 * @param health results of health checks by instance, in the order of the checks
 * @param readiness results of readiness checks by instance
 * @param waitingSince when the oldest of the waiting instances began to wait
 * @param waiting how many instances wait for an agent
 * @param launches what became of the offers meanwhile
 */
public record AppView(
        PathId id,
        NavigableMap<Instant, App> versions,
        List<Instance> instances,
        Map<String, List<HealthResult>> health,
        Map<String, Readiness> readiness,
        @Nullable TaskFailure lastFailure,
        Backoff backoff,
        Instant waitingSince,
        int waiting,
        LaunchLog.Summary launches) {

    /** The definition in effect; null when the app was deleted and its instances are ending. */
    public @Nullable App current() {
        return versions.isEmpty() ? null : versions.lastEntry().getValue();
    }
}
