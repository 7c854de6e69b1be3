/**
 * Input and output shared by all servers: HTTP, ZooKeeper, flags, JSON, metrics, logging. Knows no component and no domain
 * rule.
 */
@NullMarked
package io.paddock.platform;

import org.jspecify.annotations.NullMarked;
