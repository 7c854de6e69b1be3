/**
 * Containers by an OCI runtime (crun or runc) under conmon, one small monitor process each.
 *
 * <p>{@link io.paddock.agent.server.containers.oci.OciIsolation#recipe} is the recipe of a launch; one file per hook. All
 * names that are global on the machine (bridge, cgroup, mounts) come from {@link
 * io.paddock.agent.server.containers.oci.Machine} and are the agent's own. Blocks; on the blocking executor only.
 */
@NullMarked
package io.paddock.agent.server.containers.oci;

import org.jspecify.annotations.NullMarked;
