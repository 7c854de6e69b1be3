package io.paddock.agent.server;

import io.paddock.agent.core.AgentEffect;
import io.paddock.agent.core.AgentEvent;
import io.paddock.agent.core.AgentView;
import io.paddock.agent.server.containers.Containers;
import io.paddock.agent.server.executors.BuiltInExecutors;
import io.paddock.agent.server.executors.ContainerSpecs;
import io.paddock.agent.server.executors.Containment;
import io.paddock.agent.server.executors.CustomExecutors;
import io.paddock.agent.server.executors.ExecutorConnections;
import io.paddock.agent.server.executors.Volumes;
import io.paddock.agent.server.link.MasterLink;
import io.paddock.agent.server.sandbox.SandboxCollector;
import io.paddock.platform.timers.FarTimer;
import io.paddock.proto.checkpoint.ExecutorAdded;
import io.paddock.proto.v1.ContainerID;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.ActorRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out each effect of the core by handing it to whoever does that kind of work. On the actor's thread. */
final class AgentEffects implements AgentEffect.Handler {
    private static final Logger LOG = LoggerFactory.getLogger(AgentEffects.class);

    private final Parts parts;
    private final AgentActor.Ports ports;
    private final BuiltInExecutors builtIns;
    private final CustomExecutors customs;
    private final ExecutorConnections connections;
    private final ActorRef<MasterLink.Command> link;

    /**
     * Those who do the work.
     *
     * @param blocking where files are touched
     * @param failed completed with the reason when the agent must end
     */
    record Parts(
            Containment containment,
            Containers containers,
            ContainerSpecs specs,
            SandboxCollector sandboxes,
            Path workDir,
            Executor blocking,
            CompletableFuture<String> failed) {}

    AgentEffects(Parts parts, AgentActor.Ports ports, BuiltInExecutors builtIns, ActorRef<MasterLink.Command> link) {
        this.parts = parts;
        this.ports = ports;
        this.builtIns = builtIns;
        this.link = link;
        this.customs = new CustomExecutors(parts.containment(), parts.specs(), ports.mailbox());
        this.connections = new ExecutorConnections(ports.mailbox());
    }

    BuiltInExecutors builtIns() {
        return builtIns;
    }

    ExecutorConnections connections() {
        return connections;
    }

    /** What an earlier run left and the agent does not know is cleaned up. */
    void recovered(AgentView view) {
        Set<ContainerID> known = new HashSet<>();
        Set<Path> inUse = new HashSet<>();
        view.frameworks()
                .forEach(framework -> framework.executors().forEach(executor -> {
                    known.add(executor.container());
                    inUse.add(Path.of(executor.sandbox()));
                }));
        parts.containment().destroyOrphans(known);
        parts.sandboxes().start(inUse);
    }

    void fail(String why) {
        LOG.error("{}", why);
        parts.failed().complete(why);
    }

    void stop() {
        connections.closeAll();
        builtIns.close();
    }

    @Override
    public void on(AgentEffect.Checkpoint effect) {
        throw new IllegalStateException("the queue writes checkpoints");
    }

    @Override
    public void on(AgentEffect.Note effect) {
        throw new IllegalStateException("the queue writes notes");
    }

    @Override
    public void on(AgentEffect.SendToMaster effect) {
        link.tell(new MasterLink.Send(effect.message()));
    }

    @Override
    public void on(AgentEffect.CloseLink effect) {
        link.tell(new MasterLink.Reconnect(effect.why()));
    }

    @Override
    public void on(AgentEffect.AcceptCall effect) {
        connections.accept(effect.request());
    }

    @Override
    public void on(AgentEffect.RefuseCall effect) {
        connections.refuse(effect.request(), effect.rejection());
    }

    @Override
    public void on(AgentEffect.SendToExecutor effect) {
        if (builtIns.has(effect.executor())) {
            builtIns.deliver(effect.executor(), effect.event(), Instant.now());
        } else {
            connections.send(effect.executor(), effect.event());
        }
    }

    @Override
    public void on(AgentEffect.CloseExecutor effect) {
        builtIns.drop(effect.executor());
        connections.close(effect.executor());
    }

    @Override
    public void on(AgentEffect.LaunchExecutor effect) {
        LOG.info(
                "{} {} in container {}",
                effect.launch().recovered() ? "Taking up" : "Starting",
                effect.launch().key(),
                effect.launch().container().getValue());
        if (effect.launch().kind() == ExecutorAdded.Kind.CUSTOM) {
            customs.launch(effect.launch());
        } else {
            builtIns.launch(effect.launch());
        }
    }

    @Override
    public void on(AgentEffect.ResizeExecutor effect) {
        parts.containers()
                .update(effect.container(), parts.specs().limits(effect.resources(), Map.of()))
                .exceptionally(e -> {
                    LOG.warn("The limits of {} were not changed: {}", effect.executor(), e.getMessage());
                    return null;
                });
    }

    @Override
    public void on(AgentEffect.DestroyExecutor effect) {
        if (builtIns.has(effect.executor())) {
            builtIns.destroy(effect.executor(), effect.container());
        } else {
            customs.destroy(effect.executor(), effect.container());
        }
    }

    @Override
    public void on(AgentEffect.RetireSandbox effect) {
        parts.sandboxes().retire(Path.of(effect.directory()));
    }

    @Override
    public void on(AgentEffect.RemoveVolume effect) {
        parts.blocking().execute(() -> {
            try {
                Volumes.remove(parts.workDir(), effect.volume());
            } catch (java.io.UncheckedIOException | IllegalArgumentException e) {
                LOG.error("{}; remove it by hand", e.getMessage());
            }
        });
    }

    @Override
    public void on(AgentEffect.WakeAt effect) {
        new FarTimer<AgentActor.Command>(
                        "wake",
                        new AgentActor.Happened(new AgentEvent.Woken()),
                        Duration.between(Instant.now(), effect.time()))
                .start(ports.scheduler(), AgentActor.Later::new);
    }

    @Override
    public void on(AgentEffect.Exit effect) {
        LOG.warn("The agent ends: {}", effect.why());
        parts.failed().complete(effect.why());
    }
}
