package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainerPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Which paths of the host volumes may show. Links are followed before they are judged. */
final class HostPaths {
    private final ContainerPolicy policy;

    HostPaths(ContainerPolicy policy) {
        this.policy = policy;
    }

    /**
     * The real path of a volume, which exists afterwards.
     *
     * @param make whether it may be made when it is missing
     * @param where the field that has it, for errors
     */
    Path find(String text, boolean make, String where) throws IOException {
        Path path = Path.of(text).normalize();
        if (!Files.exists(path)) {
            if (!make && policy.createdHostPaths().stream().noneMatch(path::startsWith)) {
                throw new IOException(where + ": " + text + " does not exist on the host");
            }
            refuse(existing(path), text, where);
            Files.createDirectories(path);
        }
        Path real = path.toRealPath();
        refuse(real, text, where);
        return real;
    }

    /** Where the missing path would really be. */
    private static Path existing(Path path) throws IOException {
        Path above = path.getParent();
        if (above == null) {
            return path;
        }
        return (Files.exists(above) ? above.toRealPath() : existing(above)).resolve(path.getFileName());
    }

    private void refuse(Path real, String text, String where) throws IOException {
        if (policy.hostPaths().isEmpty()) {
            return;
        }
        List<String> allowed = new ArrayList<>();
        for (Path each : policy.hostPaths()) {
            if (real.startsWith(Files.exists(each) ? each.toRealPath() : each)) {
                return;
            }
            allowed.add(each.toString());
        }
        throw new IOException(where + ": " + text + " is not among the host paths that this agent shows, "
                + String.join(", ", allowed));
    }
}
