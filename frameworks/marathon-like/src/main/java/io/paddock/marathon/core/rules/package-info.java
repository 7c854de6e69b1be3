/**
 * What makes a definition valid by itself, whatever else there is. Rules between apps and groups are the core's.
 *
 * <p>Pure functions. Every rule names the path of the field it is about.
 */
@NullMarked
package io.paddock.marathon.core.rules;

import org.jspecify.annotations.NullMarked;
