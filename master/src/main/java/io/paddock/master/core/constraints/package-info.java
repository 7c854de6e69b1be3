/**
 * Offer constraints: read from a scheduler's call, checked, and turned into something the allocator can ask of an agent.
 *
 * <p>Pure and immutable, so any thread may use it. The only core package that may use RE2/J: its regular expressions need
 * time linear in the text, whatever a framework writes into them.
 */
@NullMarked
package io.paddock.master.core.constraints;

import org.jspecify.annotations.NullMarked;
