/**
 * Brings the files that a command wants into its sandbox: by HTTP, from this machine, by the clients of other stores; and
 * unpacks archives.
 *
 * <p>Knows addresses and directories, not containers. A file is there only when it is complete. Blocks; on the blocking
 * executor only.
 */
@NullMarked
package io.paddock.agent.server.containers.fetch;

import org.jspecify.annotations.NullMarked;
