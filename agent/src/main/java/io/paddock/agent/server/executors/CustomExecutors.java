package io.paddock.agent.server.executors;

import io.paddock.agent.core.AgentEvent;
import io.paddock.agent.core.ExecutorKey;
import io.paddock.agent.core.ExecutorLaunch;
import io.paddock.agent.core.Termination;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Recovered;
import io.paddock.proto.v1.ContainerID;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Executors given by frameworks: one container each, whose first process is the executor. Keeps no state. */
public final class CustomExecutors {
    private static final Logger LOG = LoggerFactory.getLogger(CustomExecutors.class);

    private final Containment containment;
    private final ContainerSpecs specs;
    private final AgentMailbox mailbox;

    public CustomExecutors(Containment containment, ContainerSpecs specs, AgentMailbox mailbox) {
        this.containment = containment;
        this.specs = specs;
        this.mailbox = mailbox;
    }

    public void launch(ExecutorLaunch launch) {
        Recovered found = launch.recovered() ? containment.found(launch.container()) : null;
        if (found != null) {
            launched(launch, containment.running(found));
        } else if (launch.recovered() && !launch.tasks().isEmpty()) {
            mailbox.tell(new AgentEvent.ExecutorTerminated(
                    launch.key(),
                    launch.container(),
                    Termination.lost("The executor was gone when the agent restarted")));
        } else {
            ContainerSpec spec;
            try {
                spec = specs.ofExecutor(launch);
            } catch (RuntimeException e) {
                answer(launch, null, e);
                return;
            }
            containment
                    .launch(spec, () -> Sandboxes.createRun(Path.of(launch.sandbox())))
                    .whenComplete((result, failure) -> answer(launch, result, failure));
        }
    }

    private void answer(ExecutorLaunch launch, Containment.@Nullable Running result, @Nullable Throwable failure) {
        if (result != null) {
            launched(launch, result);
        } else {
            String message =
                    ContainerEnds.launchMessage(failure == null ? new IllegalStateException("no result") : failure);
            LOG.warn("{} did not start: {}", launch.key(), message);
            mailbox.tell(new AgentEvent.ExecutorLaunchFailed(launch.key(), launch.container(), message));
        }
    }

    private void launched(ExecutorLaunch launch, Containment.Running running) {
        ContainerID id = launch.container();
        mailbox.tell(new AgentEvent.ExecutorLaunched(launch.key(), id, containment.status(id, running.launched())));
        running.exited().whenComplete((exit, failure) -> destroy(launch.key(), id));
    }

    /** Ends the container and says so. Repeatable. */
    public void destroy(ExecutorKey key, ContainerID id) {
        containment.destroy(id).whenComplete((termination, failure) -> {
            if (failure != null) {
                LOG.error("Container {} of {} could not be destroyed: {}", id.getValue(), key, failure.toString());
            }
            mailbox.tell(new AgentEvent.ExecutorTerminated(
                    key, id, termination != null ? termination : Termination.lost(String.valueOf(failure))));
        });
    }
}
