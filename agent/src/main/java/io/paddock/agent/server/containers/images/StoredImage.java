package io.paddock.agent.server.containers.images;

import java.util.List;

/**
 * An image that is wholly on the disk.
 *
 * @param name its completed name
 * @param manifest the digest of its manifest
 * @param layers directory names below the layers' directory, the lowest first
 * @param blobs digests of what was pulled for it
 * @param config how to run it
 */
public record StoredImage(String name, String manifest, List<String> layers, List<String> blobs, ImageConfig config) {
    public StoredImage {
        layers = List.copyOf(layers);
        blobs = List.copyOf(blobs);
    }
}
