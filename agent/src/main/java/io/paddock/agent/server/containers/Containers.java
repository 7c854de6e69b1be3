package io.paddock.agent.server.containers;

import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerStatus;
import io.paddock.proto.v1.ResourceStatistics;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Runs containers. Two implementations: an OCI runtime under a monitor, and plain process groups where root or the
 * runtime is missing; {@link #facilities} says what the one at hand can isolate.
 *
 * <p>Guarantees. Before {@link #launch} completes, all that is needed to find the container again is on disk: a container
 * outlives this process, and after a restart {@link #recover} brings back its handle and an exit that happened meanwhile.
 * An exit stays readable until {@link #destroy}. Destroy frees everything the container held (processes, mounts, cgroups,
 * network, runtime files) but never its sandbox or a persistent volume. Every operation may be repeated.
 *
 * <p>Failures: {@link LaunchFailure} from launch, {@link NoSuchContainer} for an id that was never launched or is
 * destroyed, an {@link java.io.IOException} with the tool's own words otherwise.
 */
public interface Containers extends AutoCloseable {
    /** What can be isolated here and by which tools; constant after start. */
    Facilities facilities();

    /**
     * Finds what an earlier process left under the same work directory. Must complete before anything else is called.
     * Half-launched containers are cleaned up and not listed. The caller decides what to keep and destroys the rest.
     */
    CompletionStage<List<Recovered>> recover();

    /**
     * Prepares and starts a container; a second launch of the same id gives the first one's result. A failed launch has
     * cleaned up behind itself and needs no destroy.
     */
    CompletionStage<Launched> launch(ContainerSpec spec);

    /** Makes what is recorded of a container that was launched outlive a crash of the machine, which the container does not. */
    CompletionStage<Void> persist(ContainerID id);

    /**
     * Completes when the container's first process has ended and its exit is on disk; at once if that has happened. Not
     * completed by the end of this process. For a container that is being destroyed it completes with its exit by signal.
     */
    CompletionStage<Exit> exited(ContainerID id);

    /** Sends a signal; no error when the process has just ended. */
    CompletionStage<Void> signal(ContainerID id, int signal, SignalScope scope);

    /**
     * Kills what still runs in the container and in its nested containers and frees all it held. Completes when nothing
     * is left; also for an unknown id, and after a launch in progress has been stopped.
     */
    CompletionStage<Void> destroy(ContainerID id);

    /**
     * Frees all that an ended container held, as {@link #destroy} does, and ends what is nested in it. It stays listed and its exit
     * readable. Does nothing to one that is unknown or has not ended. Of nested containers this is done without being asked for.
     */
    CompletionStage<Void> free(ContainerID id);

    /** Runs a further process in a running container. */
    CompletionStage<ExecSession> exec(ContainerID id, ExecSpec spec);

    /** Whether the container was launched with a terminal. */
    boolean hasTerminal(ContainerID id);

    /**
     * The input of a container with a terminal. Closing it gives the input back and means no end of file: the terminal
     * stays. Fails for containers without one, whose input is empty.
     */
    CompletionStage<ContainerInput> input(ContainerID id);

    /** Changes the limits of a running container. */
    CompletionStage<Void> update(ContainerID id, Limits limits);

    CompletionStage<ContainerStatus> status(ContainerID id);

    CompletionStage<ResourceStatistics> statistics(ContainerID id);

    /** All containers that are launched and not destroyed, running or ended. */
    Set<ContainerID> list();

    /** The steps of launches and cleanups that run just now, oldest first. */
    List<PendingOperation> pending();

    /** What Mesos publishes of a containerizer, under its names. Does not block. */
    Map<String, Number> metrics();

    /** The images that are wholly on this machine, by name. */
    CompletionStage<List<LocalImage>> images();

    /** Brings an image onto this machine, or what its registry has newly under this name. */
    CompletionStage<LocalImage> pull(String image);

    /** Deletes the stored images that no container uses, except those named. Completes with the bytes freed. */
    CompletionStage<Long> pruneImages(List<String> excludedImages);

    /** Stops watching; containers go on. Call after destroying everything to leave no trace on the machine at all. */
    @Override
    void close();
}
