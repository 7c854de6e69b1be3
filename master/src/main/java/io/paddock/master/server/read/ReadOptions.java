package io.paddock.master.server.read;

import java.time.Instant;
import java.util.SortedMap;

/**
 * What the read side tells about this process.
 *
 * @param cluster name of the cluster; empty where it has none
 * @param flags effective flags by name, without secrets
 * @param startedAt when the process started
 */
public record ReadOptions(String cluster, SortedMap<String, String> flags, Instant startedAt) {}
