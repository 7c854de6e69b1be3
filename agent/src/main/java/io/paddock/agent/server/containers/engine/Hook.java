package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.LaunchFailure;
import java.io.IOException;

/**
 * One step of a launch. Prepare may be interrupted anywhere, also by the death of this process; cleanup undoes whatever
 * it may have done, is safe without it and may be repeated. Neither keeps state of its own: all it needs later must
 * follow from the container's record.
 */
public interface Hook {
    /** One word for error messages. */
    String name();

    /**
     * Does the step.
     *
     * @throws LaunchFailure with a reason of its own
     * @throws IOException reported as a launch failure of this step
     */
    void prepare(Launch launch) throws IOException, LaunchFailure;

    /** Undoes the step. */
    default void cleanup(ContainerRecord record) throws IOException {}
}
