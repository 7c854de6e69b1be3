package io.paddock.master.server.read;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What the read side tells about this process.
 *
 * @param cluster name of the cluster; empty where it has none
 * @param flags effective flags by name, without secrets
 * @param startedAt when the process started
 * @param maxSubscribers event streams of the operator API at a time
 * @param frameworkMetrics whether the metrics have those of each framework
 * @param log the master's log file, if it has one
 */
public record ReadOptions(
        String cluster,
        SortedMap<String, String> flags,
        Instant startedAt,
        int maxSubscribers,
        boolean frameworkMetrics,
        Optional<Path> log) {}
