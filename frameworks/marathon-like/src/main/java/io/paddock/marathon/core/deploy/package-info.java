/**
 * Deployments: from a change of definitions to a plan of ordered steps, and from a step to what has to be killed and
 * launched next.
 *
 * <p>Pure functions over values. They look at what there is, not at what happened, so that a deployment goes on after a
 * restart exactly where the instances stand.
 */
@NullMarked
package io.paddock.marathon.core.deploy;

import org.jspecify.annotations.NullMarked;
