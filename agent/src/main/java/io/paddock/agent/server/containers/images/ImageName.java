package io.paddock.agent.server.containers.images;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of an image, completed as Docker does.
 *
 * @param source how skopeo is told: {@code docker://registry/repository:tag}, or a layout or archive on this machine
 * @param registry {@code host[:port]}; empty for one on this machine
 */
public record ImageName(String source, String registry) {
    private static final Pattern REFERENCE = Pattern.compile("(?<path>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
            + "(?<tag>:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?<digest>@[a-z0-9]+:[0-9a-fA-F]{32,})?");
    private static final List<String> LOCAL = List.of("oci:", "oci-archive:", "docker-archive:", "dir:");
    private static final String DOCKER_HUB = "docker.io";

    /**
     * Completes a name.
     *
     * @param text such as {@code nginx}, {@code team/app:1}, {@code host:5000/app@sha256:…}, {@code oci:/path:tag}
     * @param defaultRegistry of names without one; an absolute path is a directory of archives made by {@code docker save},
     *     in which image {@code name} is {@code name.tar}
     * @throws IllegalArgumentException when it is no image name
     */
    public static ImageName parse(String text, String defaultRegistry) {
        for (String transport : LOCAL) {
            if (text.startsWith(transport)) {
                return new ImageName(text, "");
            }
        }
        if (defaultRegistry.startsWith("/") && !text.contains("@")) {
            return archive(text, defaultRegistry);
        }
        int slash = text.indexOf('/');
        String first = slash < 0 ? "" : text.substring(0, slash);
        boolean named = first.contains(".") || first.contains(":") || first.equals("localhost");
        String registry = named ? first : defaultRegistry;
        String rest = named ? text.substring(slash + 1) : text;
        Matcher matcher = REFERENCE.matcher(rest);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "image name expected, such as nginx:1.27 or host:5000/team/app@sha256:…, got " + text);
        }
        String path = matcher.group("path");
        if (registry.equals(DOCKER_HUB) && !path.contains("/")) {
            path = "library/" + path;
        }
        String digest = matcher.group("digest");
        String tag = matcher.group("tag");
        // skopeo wants one of the two; the digest is the more exact one.
        String version = digest != null ? digest : tag != null ? tag : ":latest";
        return new ImageName("docker://" + registry + "/" + path + version, registry);
    }

    private static ImageName archive(String text, String directory) {
        Path file = Path.of(directory, text + ".tar").normalize();
        if (!file.startsWith(Path.of(directory).normalize())) {
            throw new IllegalArgumentException("image name expected, got " + text);
        }
        return new ImageName("docker-archive:" + file, "");
    }

    /** Whether the registry is on this machine, where plain HTTP is usual and harmless. */
    public boolean onLoopback() {
        return registry.matches("(localhost|127\\.[0-9.]+|\\[::1])(:[0-9]+)?");
    }

    @Override
    public String toString() {
        return source.startsWith("docker://") ? source.substring("docker://".length()) : source;
    }
}
