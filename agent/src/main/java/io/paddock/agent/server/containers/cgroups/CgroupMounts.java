package io.paddock.agent.server.containers.cgroups;

import io.paddock.agent.server.containers.tools.Mounts;
import io.paddock.agent.server.containers.tools.Mounts.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Finds out which control groups this machine has. */
public final class CgroupMounts {
    private CgroupMounts() {}

    /**
     * What is mounted.
     *
     * @param cgroups how to use it
     * @param onlyV2Controllers on a machine that has v1 hierarchies and the unified one, the controllers that only the
     *     latter has: crun refuses to work until they are mounted as v1 as well
     */
    public record Found(Cgroups cgroups, List<String> onlyV2Controllers) {}

    /** Empty when no usable control groups are mounted. */
    public static Optional<Found> find() throws IOException {
        return find(Mounts.list());
    }

    static Optional<Found> find(List<Mount> mounts) throws IOException {
        Map<String, Path> controllers = new TreeMap<>();
        List<Path> others = new ArrayList<>();
        List<Path> unified = new ArrayList<>();
        for (Mount mount : mounts) {
            if (mount.type().equals("cgroup2")) {
                unified.add(mount.point());
            } else if (mount.type().equals("cgroup")) {
                addHierarchy(mount, controllers, others);
            }
        }
        if (controllers.containsKey("memory")) {
            List<String> onlyV2 = new ArrayList<>();
            for (Path point : unified) {
                onlyV2.addAll(controllersOf(point));
            }
            others.addAll(unified);
            return Optional.of(new Found(new CgroupsV1(controllers, others), onlyV2));
        }
        return unified.isEmpty() ? Optional.empty() : Optional.of(new Found(new CgroupsV2(unified.get(0)), List.of()));
    }

    private static void addHierarchy(Mount mount, Map<String, Path> controllers, List<Path> others) {
        List<String> names = mount.options().stream()
                .filter(option -> !List.of("rw", "ro", "xattr", "none", "clone_children", "noprefix")
                                .contains(option)
                        && !option.contains("="))
                .toList();
        names.forEach(name -> controllers.putIfAbsent(name, mount.point()));
        if (names.isEmpty()) {
            others.add(mount.point());
        }
    }

    private static List<String> controllersOf(Path unified) throws IOException {
        Path file = unified.resolve("cgroup.controllers");
        return Files.exists(file)
                ? Arrays.stream(Files.readString(file).strip().split(" ", -1))
                        .filter(name -> !name.isEmpty())
                        .toList()
                : List.of();
    }
}
