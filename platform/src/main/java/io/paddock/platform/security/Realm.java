package io.paddock.platform.security;

import java.util.Locale;

/** A part of a server's endpoints that is opened or closed as one. */
public enum Realm {
    /** What load balancers and detectors ask: whether somebody is there, and where the leader is. */
    OPEN,
    READONLY,
    READWRITE,
    SCHEDULER,
    EXECUTOR,
    /** The link of agents to the master. */
    AGENT;

    /** {@code mesos-master-readonly}: what a refused client is told. */
    String name(String server) {
        return server + "-" + name().toLowerCase(Locale.ROOT);
    }
}
