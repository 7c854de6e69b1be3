package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.cgroups.Cgroups;
import io.paddock.agent.server.containers.networks.Networks;
import io.paddock.agent.server.containers.tools.Mounts;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all containers of an agent share on the machine: made at start, found again after a crash, undone at the end. */
final class HostSetup {
    private static final Logger LOG = LoggerFactory.getLogger(HostSetup.class);

    private final Machine machine;
    private final Tools tools;
    private final Cgroups cgroups;
    private final Networks networks;

    HostSetup(Machine machine, Tools tools, Cgroups cgroups, Networks networks) {
        this.networks = networks;
        this.machine = machine;
        this.tools = tools;
        this.cgroups = cgroups;
    }

    void open() throws IOException {
        machine.createDirectories();
        if (!Mounts.mounted(machine.hostRoot())) {
            tools.run(ToolCall.of("mount", "--bind", "/", machine.hostRoot().toString()));
            tools.run(ToolCall.of("mount", "--make-private", machine.hostRoot().toString()));
        }
    }

    /** Leaves what still running containers need; those hold their own views of the mounts. */
    void close() {
        try {
            if (Mounts.mounted(machine.hostRoot())) {
                tools.run(ToolCall.of("umount", machine.hostRoot().toString()));
            }
            if (children(machine.networkNamespaces()).isEmpty()) {
                networks.close();
            }
            for (Path hierarchy : children(machine.extraHierarchies())) {
                removeQuietly(machine.cgroup());
                tools.run(ToolCall.of("umount", hierarchy.toString()));
                Files.deleteIfExists(hierarchy);
            }
            removeQuietly(machine.cgroup());
            emptyTemporary();
            removeEmpty();
        } catch (IOException e) {
            LOG.warn("what the containers shared is not wholly removed: {}", e.getMessage());
        }
    }

    private void removeQuietly(String group) {
        try {
            if (cgroups.processes(group).isEmpty()) {
                cgroups.remove(group);
                cgroups.removeIfEmpty(machine.cgroupRoot());
            }
        } catch (IOException e) {
            LOG.debug("control group {} stays: {}", group, e.getMessage());
        }
    }

    /** A runtime that was killed may have left something. */
    private void emptyTemporary() throws IOException {
        for (Path path : children(machine.temporary())) {
            if (Mounts.mounted(path)) {
                tools.run(ToolCall.of("umount", path.toString()));
            }
            Files.deleteIfExists(path);
        }
    }

    private void removeEmpty() throws IOException {
        for (Path directory : List.of(
                machine.extraHierarchies(),
                machine.hostRoot(),
                machine.networkNamespaces(),
                machine.sharedMemory(),
                machine.openRoots(),
                machine.secrets(),
                machine.temporary(),
                machine.runtimeState(),
                machine.runDir())) {
            if (Files.isDirectory(directory) && children(directory).isEmpty()) {
                Files.deleteIfExists(directory);
            }
        }
    }

    private static List<Path> children(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            List<Path> children = new java.util.ArrayList<>();
            entries.forEach(children::add);
            return children;
        }
    }
}
