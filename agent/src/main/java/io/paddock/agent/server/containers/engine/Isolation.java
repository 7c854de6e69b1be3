package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.ContainerInput;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.ExecSession;
import io.paddock.agent.server.containers.ExecSpec;
import io.paddock.agent.server.containers.Exit;
import io.paddock.agent.server.containers.Facilities;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.LocalImage;
import io.paddock.agent.server.containers.SignalScope;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.proto.v1.ResourceStatistics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The means by which containers are kept apart on this machine. Everything may block and be called from any thread. */
public interface Isolation extends AutoCloseable {
    Facilities facilities();

    /** Prepares what all containers share, and ends what a crashed launch may have left running. Repeatable. */
    void open(List<ContainerRecord> halfLaunched) throws IOException;

    /** Names of the containers that this machine knows of, whatever became of their records. */
    default List<String> inMemory() throws IOException {
        return List.of();
    }

    /** Takes up a container that an earlier process launched. */
    default void resume(ContainerRecord record, ContainerSpec spec) {}

    /** The steps of a launch in order; a cleanup goes backwards. */
    List<Hook> recipe();

    /** Names of what a container asks for that only one at a time can have, such as ports of the host. Does not block. */
    default Set<String> exclusive(ContainerSpec spec) {
        return Set.of();
    }

    /** The carrier of what the steps pass on. */
    Launch launch(ContainerSpec spec, ContainerRecord record, Cancellation cancellation);

    void signal(ContainerRecord record, ContainerRecord.Started started, int signal, SignalScope scope)
            throws IOException;

    /** Kills everything in the container; returns without waiting. */
    void kill(ContainerRecord record) throws IOException;

    /** Directories besides the sandbox whose files are the container's own and count for its disk. */
    default List<Path> written(ContainerRecord record) throws IOException {
        return List.of();
    }

    /** Sees to it that all that an ended container wrote is in its files. */
    default void drain(ContainerRecord record) throws IOException {}

    /** The input of a running container that has a terminal. */
    ContainerInput input(ContainerRecord record) throws IOException;

    /** The bound of the kernel that an ended container ran into, before its cleanup. */
    Optional<Exit.Limitation> limitation(ContainerRecord record, ContainerSpec spec) throws IOException;

    ExecSession exec(ContainerRecord record, ContainerSpec container, ContainerRecord.Started started, ExecSpec spec)
            throws IOException;

    void update(ContainerRecord record, ContainerSpec spec, Limits limits) throws IOException;

    ResourceStatistics statistics(ContainerRecord record, ContainerSpec spec, ContainerRecord.Started started)
            throws IOException;

    /** Under the names of Mesos. Does not block. */
    Map<String, Number> metrics();

    /** The images that are wholly on this machine. */
    List<LocalImage> images() throws IOException;

    /** Brings an image onto this machine. */
    LocalImage pull(String image) throws IOException;

    /** Deletes unused images; the bytes freed. */
    long pruneImages(List<String> excludedImages) throws IOException;

    /** Regular chores, every few seconds. */
    void upkeep() throws IOException;

    /** Takes back what {@link #open} did, as far as no container needs it. */
    @Override
    void close();
}
