/**
 * The agent's HTTP endpoints: executor API, operator API, the older read endpoints, sandbox files. Each at its plain path and
 * below {@code /slave(1)}.
 *
 * <p>Reads an {@link io.paddock.agent.core.AgentView} and containers; changes nothing but through the executor API and
 * through containers that operators start and end. Runs on Pekko's dispatcher; files are read on the blocking one.
 */
@NullMarked
package io.paddock.agent.server.http;

import org.jspecify.annotations.NullMarked;
