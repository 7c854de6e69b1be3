package io.paddock.batch.core;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How one run of a job is executed: the {@code run} part of a job.
 *
 * @param cpus CPUs
 * @param mem MB
 * @param disk MB
 * @param gpus whole GPUs
 * @param maxLaunchDelaySeconds a run that got no task running within this time fails
 * @param killGraceSeconds between SIGTERM and SIGKILL; null: the agent's default
 * @param secrets name to source
 */
public record RunSpec(
        double cpus,
        double mem,
        double disk,
        int gpus,
        @Nullable String cmd,
        @Nullable List<String> args,
        @Nullable String user,
        Map<String, EnvValue> env,
        List<Constraint> constraints,
        List<Artifact> artifacts,
        long maxLaunchDelaySeconds,
        @Nullable Docker docker,
        @Nullable Ucr ucr,
        List<Volume> volumes,
        Restart restart,
        @Nullable Long killGraceSeconds,
        Map<String, String> secrets,
        List<Network> networks) {

    /** The value of an environment variable: a text, or the name of one of the run's secrets. */
    public record EnvValue(String text, boolean secret) {}

    /**
     * Where a run may be placed.
     *
     * @param value null: the constraint has no effect
     */
    public record Constraint(
            String attribute, Operator operator, @Nullable String value) {
        /** How an attribute is compared. */
        public enum Operator {
            IS,
            LIKE,
            UNLIKE
        }
    }

    /** A file fetched into the sandbox before the start. */
    public record Artifact(String uri, boolean extract, boolean executable, boolean cache) {}

    /** An image run in the manner of Docker. */
    public record Docker(
            String image, boolean forcePullImage, boolean privileged, List<Map.Entry<String, String>> parameters) {}

    /** An image run by the universal containerizer. */
    public record Ucr(String imageId, String kind, boolean forcePull, boolean privileged) {}

    /** A directory of the host or a secret, mounted into the container; exactly one of the two is set. */
    public record Volume(
            String containerPath,
            @Nullable String hostPath,
            @Nullable String mode,
            @Nullable String secret) {}

    /**
     * What happens when a task fails.
     *
     * @param onFailure whether it is run again within the same run
     * @param activeDeadlineSeconds no more tries when the run is older; null: no limit
     */
    public record Restart(boolean onFailure, @Nullable Long activeDeadlineSeconds) {}

    /** A network of the container. */
    public record Network(Mode mode, @Nullable String name, Map<String, String> labels) {
        /** How a container is connected. */
        public enum Mode {
            HOST,
            CONTAINER_BRIDGE,
            CONTAINER
        }
    }
}
