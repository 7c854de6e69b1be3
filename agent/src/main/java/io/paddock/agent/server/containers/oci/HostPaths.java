package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainerPolicy;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.platform.linux.PathBelow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Which paths of the host volumes may show. Links are followed before they are judged, and not after it: who may write in an
 * allowed place may make a link of anything there at any time. So what was judged is opened without following any, and held.
 */
final class HostPaths {
    private static final Path ROOT = Path.of("/");

    private final ContainerPolicy policy;
    private final HeldPaths held;

    /** @param held cleaned up by who mounts what is found */
    HostPaths(ContainerPolicy policy, HeldPaths held) {
        this.policy = policy;
        this.held = held;
    }

    /**
     * A path that was judged.
     *
     * @param real has no links, but those that were made since
     * @param missing whether it is to be made
     */
    record Judged(Path real, boolean missing) {
        PathBelow open() throws IOException {
            Path below = ROOT.relativize(real);
            return missing ? PathBelow.open(ROOT, below) : PathBelow.find(ROOT, below);
        }
    }

    /** Whether some paths may not be shown. */
    boolean areBounded() {
        return !policy.hostPaths().isEmpty();
    }

    /**
     * A path that shows that of a volume.
     *
     * @param name unique in the container
     * @param make whether it may be made when it is missing
     * @param where the field that has it, for errors
     */
    Path find(ContainerRecord record, String name, String text, boolean make, String where) throws IOException {
        Judged judged = judge(text, make, where);
        try (PathBelow opened = judged.open()) {
            // Without bounds there is nothing to get out of; and the way to the agent's own places is root's.
            boolean asNamed = !areBounded() || held.areBelow(judged.real());
            return asNamed ? judged.real() : held.hold(record, opened, name);
        } catch (IOException e) {
            throw new IOException(where + ": " + PathBelow.message(e), e);
        }
    }

    Judged judge(String text, boolean make, String where) throws IOException {
        Path path = Path.of(text).normalize();
        boolean missing = !Files.exists(path);
        if (missing && !make && policy.createdHostPaths().stream().noneMatch(path::startsWith)) {
            throw new IOException(where + ": " + text + " does not exist on the host");
        }
        Path real = missing ? existing(path) : path.toRealPath();
        refuse(real, text, where);
        return new Judged(real, missing);
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
