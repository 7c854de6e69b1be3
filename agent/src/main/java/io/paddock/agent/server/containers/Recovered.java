package io.paddock.agent.server.containers;

import java.util.Optional;

/** A container an earlier process of this agent had launched. The exit is there if it ended meanwhile. */
public record Recovered(ContainerSpec spec, Launched launched, Optional<Exit> exit) {}
