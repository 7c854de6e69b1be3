package io.paddock.agent.server.executors;

import io.paddock.agent.core.AgentEvent;
import io.paddock.agent.core.ExecutorKey;
import io.paddock.agent.core.ExecutorLaunch;
import io.paddock.agent.core.Termination;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.executor.checks.CheckRunner;
import io.paddock.executor.core.ExecutorEvent;
import io.paddock.executor.core.UpdateIds;
import io.paddock.proto.checkpoint.ExecutorAdded;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.executor.Call;
import io.paddock.proto.v1.executor.Event;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All executors of ours on this agent: what they are told and how they come and go. */
public final class BuiltInExecutors {
    private static final Logger LOG = LoggerFactory.getLogger(BuiltInExecutors.class);

    private final Containment containment;
    private final ContainerSpecs specs;
    private final AgentMailbox mailbox;
    private final UpdateIds ids;
    private final ExecutorTimers timers;
    private final Consumer<Call> calls;
    private final CheckRunner checks = new CheckRunner();
    private final Map<ExecutorKey, BuiltInExecutor> executors = new HashMap<>();

    /** @param calls takes the executors' calls to the agent; called on the actor's thread */
    public BuiltInExecutors(
            Containment containment,
            ContainerSpecs specs,
            AgentMailbox mailbox,
            UpdateIds ids,
            ExecutorTimers timers,
            Consumer<Call> calls) {
        this.containment = containment;
        this.specs = specs;
        this.mailbox = mailbox;
        this.ids = ids;
        this.timers = timers;
        this.calls = calls;
    }

    public boolean has(ExecutorKey key) {
        return executors.containsKey(key);
    }

    /** Starts an executor, or takes it up again with the containers that still run. */
    public void launch(ExecutorLaunch launch) {
        BuiltInExecutor executor = new BuiltInExecutor(
                launch, ids, containment, specs, mailbox, timers, calls, checks, () -> exited(launch));
        executors.put(launch.key(), executor);
        boolean known = launch.recovered() && containment.found(launch.container()) != null;
        if (launch.kind() == ExecutorAdded.Kind.COMMAND || known) {
            executor.subscribe();
        } else if (launch.recovered() && !launch.tasks().isEmpty()) {
            terminated(
                    launch.key(),
                    launch.container(),
                    Termination.lost("The executor was gone when the agent restarted"));
        } else {
            ContainerSpec spec;
            try {
                spec = specs.ofGroup(launch);
            } catch (RuntimeException e) {
                rootLaunched(launch, e);
                return;
            }
            containment
                    .launch(spec, () -> Sandboxes.createRun(Path.of(launch.sandbox())))
                    .whenComplete((launched, failure) -> rootLaunched(launch, failure));
        }
    }

    private void rootLaunched(ExecutorLaunch launch, @Nullable Throwable failure) {
        if (failure == null) {
            mailbox.tellReady(launch.key(), launch.container());
        } else {
            mailbox.tell(new AgentEvent.ExecutorLaunchFailed(
                    launch.key(), launch.container(), ContainerEnds.launchMessage(failure)));
        }
    }

    /** The group's container runs. */
    public void ready(ExecutorKey key, ContainerID container) {
        BuiltInExecutor executor = find(key, container);
        if (executor != null) {
            executor.subscribe();
        }
    }

    /** A message of the agent. */
    public void deliver(ExecutorKey key, Event event, Instant now) {
        BuiltInExecutor executor = executors.get(key);
        if (executor != null) {
            executor.deliver(event, now);
        }
    }

    /** Something an executor asked for has happened. */
    public void happened(ExecutorKey key, ContainerID container, ExecutorEvent event, Instant now) {
        BuiltInExecutor executor = find(key, container);
        if (executor != null) {
            executor.happened(event, now);
        }
    }

    private @Nullable BuiltInExecutor find(ExecutorKey key, ContainerID container) {
        BuiltInExecutor executor = executors.get(key);
        return executor != null && executor.container().equals(container) ? executor : null;
    }

    /** It has nothing left to do: frees its containers. */
    private void exited(ExecutorLaunch launch) {
        destroy(launch.key(), launch.container(), Termination.exited(0));
    }

    /** Kills all containers of an executor, known or left by an earlier run of the agent. */
    public void destroy(ExecutorKey key, ContainerID container) {
        destroy(key, container, null);
    }

    private void destroy(ExecutorKey key, ContainerID container, @Nullable Termination how) {
        if (find(key, container) != null) {
            drop(key);
        }
        containment.destroy(container).whenComplete((termination, failure) -> {
            if (failure != null) {
                LOG.error(
                        "Container {} of {} could not be destroyed: {}", container.getValue(), key, failure.toString());
            }
            Termination found = termination != null ? termination : Termination.lost(String.valueOf(failure));
            terminated(key, container, how != null ? how : found);
        });
    }

    private void terminated(ExecutorKey key, ContainerID container, Termination termination) {
        mailbox.tell(new AgentEvent.ExecutorTerminated(key, container, termination));
    }

    /** Forgets an executor that is gone. */
    public void drop(ExecutorKey key) {
        BuiltInExecutor executor = executors.remove(key);
        if (executor != null) {
            executor.stop();
        }
    }

    /** No more checks are run; containers go on. */
    public void close() {
        checks.close();
    }

    /** The executors there are; for tests and shutdown. */
    public List<ExecutorKey> keys() {
        return List.copyOf(executors.keySet());
    }
}
