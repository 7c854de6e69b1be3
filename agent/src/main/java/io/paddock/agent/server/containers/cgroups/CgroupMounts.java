package io.paddock.agent.server.containers.cgroups;

import io.paddock.agent.server.containers.tools.Mounts;
import io.paddock.agent.server.containers.tools.Mounts.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Finds out which control groups this machine has. */
public final class CgroupMounts {
    private static final Path ATTACHED = Path.of("/proc/cgroups");

    private CgroupMounts() {}

    /**
     * What is mounted.
     *
     * @param cgroups how to use it
     * @param loose on a machine that has v1 hierarchies and the unified one, the controllers that the latter has: crun refuses
     *     to work beside such a one until it is mounted as v1
     * @param elsewhere those it may get at any time, since nothing that is known to last holds them. Those of one hierarchy are
     *     one word, as in {@code net_cls,net_prio}
     */
    public record Found(Cgroups cgroups, List<String> loose, List<String> elsewhere) {}

    /**
     * Empty when no usable control groups are mounted.
     *
     * @param lasting whether a mount point is there to stay; others are not used
     */
    public static Optional<Found> find(Predicate<Path> lasting) throws IOException {
        List<Mount> mounts = Mounts.list().stream()
                .filter(mount -> lasting.test(mount.point()))
                .toList();
        return find(mounts, Files.readAllLines(ATTACHED));
    }

    /** @param attached the lines of {@code /proc/cgroups}: a name, and the number of its hierarchy, which is 0 for v2 */
    static Optional<Found> find(List<Mount> mounts, List<String> attached) throws IOException {
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
            Set<String> loose = new LinkedHashSet<>();
            for (Path point : unified) {
                loose.addAll(controllersOf(point));
            }
            List<String> elsewhere = unified.isEmpty() ? List.of() : attachedBeside(controllers.keySet(), attached);
            others.addAll(unified);
            return Optional.of(new Found(new CgroupsV1(controllers, others), List.copyOf(loose), elsewhere));
        }
        return unified.isEmpty()
                ? Optional.empty()
                : Optional.of(new Found(new CgroupsV2(unified.get(0)), List.of(), List.of()));
    }

    /** Hierarchies of v1 that are mounted elsewhere, or go away just now. */
    private static List<String> attachedBeside(Set<String> mounted, List<String> attached) {
        Map<String, List<String>> hierarchies = new TreeMap<>();
        for (String line : attached) {
            String[] words = line.split("\\s+", -1);
            if (!line.startsWith("#") && !words[1].equals("0") && !mounted.contains(words[0])) {
                hierarchies
                        .computeIfAbsent(words[1], number -> new ArrayList<>())
                        .add(words[0]);
            }
        }
        return hierarchies.values().stream()
                .map(names -> String.join(",", names))
                .toList();
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
