package io.paddock.agent.server.containers;

/** Whom a signal is for. */
public enum SignalScope {
    /** The process the command started as: where an orderly end begins. */
    COMMAND,
    /** Every process of the container at once. */
    TREE
}
