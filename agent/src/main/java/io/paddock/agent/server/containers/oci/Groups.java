package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

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

    /**
     * Chooses the group; one that does not follow from the container's name is remembered before it is made. It does not outlive
     * the machine, nor need the memory of it.
     */
    String choose(ContainerRecord record, ContainerSpec spec) throws IOException {
        if (spec.command().isEmpty()) {
            Files.write(record.file(HOLDER), new byte[0]);
        }
        if (spec.id().hasParent()) {
            Path parent = record.directory()
                    .resolveSibling(ContainerIds.text(spec.id().getParent()));
            if (Files.exists(parent.resolve(HOLDER))) {
                Files.writeString(
                        record.file(FILE), of(parent) + "/" + spec.id().getValue());
            }
        }
        return of(record.directory());
    }

    /**
     * Neither the group nor the record need be there yet, or any more: a record may go at any time. An agent killed while it wrote
     * the name down has left an empty file.
     */
    String of(ContainerRecord record) throws IOException {
        return of(record.directory());
    }

    private String of(Path record) throws IOException {
        String written;
        try {
            written = Files.readString(record.resolve(FILE));
        } catch (NoSuchFileException e) {
            written = "";
        }
        return written.isEmpty() ? machine.cgroup() + "/" + record.getFileName() : written;
    }
}
