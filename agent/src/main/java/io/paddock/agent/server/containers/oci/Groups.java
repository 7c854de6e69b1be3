package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which control group a container has. One nested in a container without a process lives below that one's group. Others
 * stand side by side, since a v2 group with processes can have no groups below it.
 */
final class Groups {
    private static final String FILE = "cgroup";
    private static final String HOLDER = "holder";

    private final Machine machine;

    Groups(Machine machine) {
        this.machine = machine;
    }

    /** Chooses the group and remembers it before it is made. It does not outlive the machine, nor need the memory of it. */
    String choose(ContainerRecord record, ContainerSpec spec) throws IOException {
        String group = machine.cgroup() + "/" + record.name();
        if (spec.id().hasParent()) {
            Path parent = record.directory()
                    .resolveSibling(ContainerIds.text(spec.id().getParent()));
            if (Files.exists(parent.resolve(HOLDER))) {
                group = Files.readString(parent.resolve(FILE)) + "/" + spec.id().getValue();
            }
        }
        if (spec.command().isEmpty()) {
            Files.write(record.file(HOLDER), new byte[0]);
        }
        Files.writeString(record.file(FILE), group);
        return group;
    }

    /** Null before one was chosen; an agent killed while it wrote the name down has left an empty file. */
    @Nullable
    String of(ContainerRecord record) throws IOException {
        Path file = record.file(FILE);
        String group = Files.exists(file) ? Files.readString(file) : "";
        return group.isEmpty() ? null : group;
    }
}
