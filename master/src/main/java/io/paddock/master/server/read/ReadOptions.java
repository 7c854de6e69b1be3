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
 * @param log the master's log file, if it has one
 */
public record ReadOptions(String cluster, SortedMap<String, String> flags, Instant startedAt, Optional<Path> log) {}
