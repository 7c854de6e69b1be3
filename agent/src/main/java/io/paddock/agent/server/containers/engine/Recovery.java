package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.ContainerSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What an earlier process left on the disk. */
final class Recovery {
    private final String bootId;
    private final Isolation isolation;
    private final List<Held> launched = new ArrayList<>();
    private final List<ContainerRecord> halfLaunched = new ArrayList<>();

    private Recovery(String bootId, Isolation isolation) {
        this.bootId = bootId;
        this.isolation = isolation;
    }

    /** @param isolation may know of containers whose records a disk that failed has lost */
    static Recovery read(Path containers, Path exits, String bootId, Isolation isolation) throws IOException {
        Recovery recovery = new Recovery(bootId, isolation);
        SortedSet<String> names = new TreeSet<>(isolation.inMemory());
        try (Stream<Path> directories = Files.list(containers)) {
            directories.forEach(directory -> names.add(directory.getFileName().toString()));
        }
        for (String name : names) {
            recovery.add(new ContainerRecord(containers, exits, name));
        }
        return recovery;
    }

    private void add(ContainerRecord record) throws IOException {
        record.bringUpToDate();
        Optional<ContainerRecord.Started> started = record.started();
        if (started.isEmpty()) {
            // Its specification may be torn: not to be read.
            halfLaunched.add(record);
            return;
        }
        Optional<ContainerSpec> spec = record.spec();
        if (spec.isEmpty()) {
            if (isFromEarlierBoot(started.get())) {
                // The machine's end tore its record: it can only be cleaned up.
                halfLaunched.add(record);
                return;
            }
            throw new IOException(record + " was launched, but its specification is missing");
        }
        Held found = new Held(spec.get(), record, isolation.exclusive(spec.get()));
        found.started(started.get());
        launched.add(found);
    }

    List<Held> launched() {
        return launched;
    }

    /** Those whose launch was never reported, or whose record was torn; nested ones before their parents. */
    List<ContainerRecord> halfLaunched() {
        return halfLaunched.stream()
                .sorted(java.util.Comparator.comparing(ContainerRecord::name).reversed())
                .toList();
    }

    /** A container does not survive the machine's reboot, and nobody tells its exit code. */
    boolean isFromEarlierBoot(Held found) {
        ContainerRecord.Started started = found.started();
        return started != null && isFromEarlierBoot(started);
    }

    private boolean isFromEarlierBoot(ContainerRecord.Started started) {
        return !started.bootId().equals(bootId);
    }
}
