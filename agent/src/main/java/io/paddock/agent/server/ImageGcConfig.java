package io.paddock.agent.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.agent.server.containers.ImageOptions;
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * When unused images are deleted, in the form of Mesos' flag.
 *
 * @param headroom a fraction of the disk
 * @param interval between two looks at the disk
 * @param excluded names of images that stay
 */
record ImageGcConfig(double headroom, Duration interval, List<String> excluded) {
    /** @throws IllegalArgumentException naming the flag and the field */
    static ImageGcConfig parse(String flag, String json) {
        JsonNode node;
        try {
            node = Json.mapper().readTree(json);
        } catch (IOException e) {
            throw new IllegalArgumentException(flag + ": is not JSON", e);
        }
        double headroom = node.path("image_disk_headroom").asDouble(-1);
        if (headroom < 0 || headroom > 1) {
            throw new IllegalArgumentException(flag + ": image_disk_headroom: a number from 0 to 1 expected, got "
                    + node.path("image_disk_headroom"));
        }
        JsonNode interval = node.path("image_disk_watch_interval").path("nanoseconds");
        if (!interval.canConvertToLong() || interval.asLong() <= 0) {
            throw new IllegalArgumentException(
                    flag + ": image_disk_watch_interval.nanoseconds: a positive number expected, got " + interval);
        }
        List<String> excluded = new ArrayList<>();
        for (JsonNode image : node.path("excluded_images")) {
            String name = image.path("docker").path("name").asText();
            if (name.isEmpty()) {
                throw new IllegalArgumentException(flag + ": excluded_images: docker.name expected in " + image);
            }
            excluded.add(name);
        }
        return new ImageGcConfig(headroom, Duration.ofNanos(interval.asLong()), excluded);
    }

    ImageOptions in(ImageOptions images) {
        return new ImageOptions(
                images.directory(),
                images.defaultRegistry(),
                images.registryConfig(),
                images.insecureRegistries(),
                headroom,
                interval,
                excluded);
    }
}
