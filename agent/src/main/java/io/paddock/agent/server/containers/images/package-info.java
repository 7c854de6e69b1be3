/**
 * Images: pulled from registries, their layers unpacked once, kept while used.
 *
 * <p>Knows image names, digests and layers; never containers beyond which image one uses. Pulls run on the calling
 * thread; concurrent pulls of one image are one pull. Every step is safe to be cut off.
 */
@NullMarked
package io.paddock.agent.server.containers.images;

import org.jspecify.annotations.NullMarked;
