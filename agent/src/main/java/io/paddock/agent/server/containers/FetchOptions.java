package io.paddock.agent.server.containers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How URIs of commands are fetched.
 *
 * @param cache directory of files marked for the cache
 * @param cacheBytes its size
 * @param stall a transfer that makes no progress for so long is broken off
 * @param home where relative URIs are looked up
 * @param hadoop its {@code bin/hadoop} is used; empty: that of the environment or the usual directories
 */
public record FetchOptions(Path cache, long cacheBytes, Duration stall, Optional<Path> home, Optional<Path> hadoop) {
    public FetchOptions {
        cache = cache.toAbsolutePath().normalize();
    }
}
