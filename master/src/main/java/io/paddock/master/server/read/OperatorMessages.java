package io.paddock.master.server.read;

import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.master.core.snapshot.OfferView;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.domain.WithoutSecrets;
import io.paddock.proto.v1.Address;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.InverseOffer;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TimeInfo;
import io.paddock.proto.v1.URL;
import io.paddock.proto.v1.master.Event;
import io.paddock.proto.v1.master.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Snapshots and changes as messages of the operator API. */
final class OperatorMessages {
    private OperatorMessages() {}

    static Response.GetState state(ClusterSnapshot snapshot) {
        return Response.GetState.newBuilder()
                .setGetTasks(tasks(snapshot))
                .setGetExecutors(executors(snapshot))
                .setGetFrameworks(frameworks(snapshot))
                .setGetAgents(agents(snapshot))
                .build();
    }

    static Response.GetAgents agents(ClusterSnapshot snapshot) {
        Response.GetAgents.Builder all =
                Response.GetAgents.newBuilder().addAllRecoveredAgents(snapshot.recoveredAgents());
        snapshot.agents().forEach(agent -> all.addAgents(agent(agent)));
        snapshot.pendingRemovals()
                .forEach((id, pending) -> all.addPendingRemovals(Response.GetAgents.PendingRemoval.newBuilder()
                        .setAgentId(AgentID.newBuilder().setValue(id))
                        .setSince(time(pending.since()))
                        .setReason(pending.text())));
        return all.build();
    }

    static Response.GetFrameworks frameworks(ClusterSnapshot snapshot) {
        Map<String, List<Offer>> offers = new HashMap<>();
        for (AgentView agent : snapshot.agents()) {
            for (OfferView offer : agent.offers()) {
                offers.computeIfAbsent(offer.frameworkId(), k -> new ArrayList<>())
                        .add(offer(offer, agent));
            }
        }
        Map<String, List<InverseOffer>> inverse = snapshot.maintenance().inverseOffers().stream()
                .collect(Collectors.groupingBy(offer -> offer.getFrameworkId().getValue()));
        Response.GetFrameworks.Builder all = Response.GetFrameworks.newBuilder();
        snapshot.frameworks()
                .forEach(framework -> all.addFrameworks(framework(framework)
                        .addAllOffers(offers.getOrDefault(framework.id(), List.of()))
                        .addAllInverseOffers(inverse.getOrDefault(framework.id(), List.of()))));
        snapshot.completedFrameworks().forEach(framework -> all.addCompletedFrameworks(framework(framework)));
        return all.build();
    }

    static Response.GetExecutors executors(ClusterSnapshot snapshot) {
        Response.GetExecutors.Builder all = Response.GetExecutors.newBuilder();
        for (AgentView agent : snapshot.agents()) {
            agent.executors()
                    .forEach(executor -> all.addExecutors(Response.GetExecutors.Executor.newBuilder()
                            .setExecutorInfo(WithoutSecrets.of(executor.info()))
                            .setAgentId(agent.info().getId())));
        }
        return all.build();
    }

    static Response.GetOperations operations(ClusterSnapshot snapshot) {
        Response.GetOperations.Builder operations = Response.GetOperations.newBuilder();
        snapshot.agents().forEach(agent -> operations.addAllOperations(agent.operations()));
        return operations.build();
    }

    static Response.GetTasks tasks(ClusterSnapshot snapshot) {
        Response.GetTasks.Builder all = Response.GetTasks.newBuilder();
        snapshot.agents().forEach(agent -> all.addAllTasks(agent.tasks()));
        for (List<FrameworkView> frameworks : List.of(snapshot.frameworks(), snapshot.completedFrameworks())) {
            frameworks.forEach(framework -> all.addAllUnreachableTasks(framework.unreachableTasks())
                    .addAllCompletedTasks(framework.completedTasks()));
        }
        return all.build();
    }

    static Event event(ClusterChange change) {
        Event.Builder event = Event.newBuilder();
        if (change instanceof ClusterChange.AgentAdded added) {
            event.setType(Event.Type.AGENT_ADDED)
                    .setAgentAdded(Event.AgentAdded.newBuilder().setAgent(agent(added.agent())));
        } else if (change instanceof ClusterChange.AgentRemoved removed) {
            event.setType(Event.Type.AGENT_REMOVED)
                    .setAgentRemoved(Event.AgentRemoved.newBuilder()
                            .setAgentId(AgentID.newBuilder().setValue(removed.agentId())));
        } else if (change instanceof ClusterChange.FrameworkAdded added) {
            event.setType(Event.Type.FRAMEWORK_ADDED)
                    .setFrameworkAdded(Event.FrameworkAdded.newBuilder().setFramework(framework(added.framework())));
        } else if (change instanceof ClusterChange.FrameworkUpdated updated) {
            event.setType(Event.Type.FRAMEWORK_UPDATED)
                    .setFrameworkUpdated(
                            Event.FrameworkUpdated.newBuilder().setFramework(framework(updated.framework())));
        } else if (change instanceof ClusterChange.FrameworkRemoved removed) {
            event.setType(Event.Type.FRAMEWORK_REMOVED)
                    .setFrameworkRemoved(Event.FrameworkRemoved.newBuilder()
                            .setFrameworkInfo(removed.framework().info()));
        } else if (change instanceof ClusterChange.TaskAdded added) {
            event.setType(Event.Type.TASK_ADDED)
                    .setTaskAdded(Event.TaskAdded.newBuilder().setTask(added.task()));
        } else if (change instanceof ClusterChange.TaskUpdated updated) {
            event.setType(Event.Type.TASK_UPDATED)
                    .setTaskUpdated(Event.TaskUpdated.newBuilder()
                            .setFrameworkId(FrameworkID.newBuilder().setValue(updated.frameworkId()))
                            .setStatus(updated.status())
                            .setState(updated.state()));
        }
        return event.build();
    }

    private static Response.GetAgents.Agent agent(AgentView agent) {
        Response.GetAgents.Agent.Builder message = Response.GetAgents.Agent.newBuilder()
                .setAgentInfo(agent.info())
                .setActive(agent.active())
                .setDeactivated(agent.deactivated())
                .setVersion(agent.version())
                .setPid(AgentJson.pid(agent))
                .setRegisteredTime(time(agent.registeredAt()))
                .addAllTotalResources(messages(agent.total()))
                .addAllAllocatedResources(messages(agent.used()))
                .addAllOfferedResources(messages(agent.offered()))
                .addAllCapabilities(agent.capabilities());
        if (agent.reregisteredAt() != null) {
            message.setReregisteredTime(time(agent.reregisteredAt()));
        }
        if (agent.drain() != null) {
            message.setDrainInfo(agent.drain());
        }
        if (agent.drainSince() != null) {
            message.setEstimatedDrainStartTime(time(agent.drainSince()));
        }
        return message.build();
    }

    private static Response.GetFrameworks.Framework.Builder framework(FrameworkView framework) {
        Response.GetFrameworks.Framework.Builder message = Response.GetFrameworks.Framework.newBuilder()
                .setFrameworkInfo(framework.info())
                .setActive(framework.active())
                .setConnected(framework.connected())
                .setRecovered(framework.recovered())
                .setRegisteredTime(time(framework.registeredAt()))
                .addAllAllocatedResources(messages(framework.used()))
                .addAllOfferedResources(messages(framework.offered()));
        if (framework.reregisteredAt() != null) {
            message.setReregisteredTime(time(framework.reregisteredAt()));
        }
        if (framework.unregisteredAt() != null) {
            message.setUnregisteredTime(time(framework.unregisteredAt()));
        }
        if (framework.offerConstraints() != null) {
            message.setOfferConstraints(framework.offerConstraints());
        }
        return message;
    }

    private static Offer offer(OfferView offer, AgentView agent) {
        Offer.Builder message = Offer.newBuilder()
                .setId(OfferID.newBuilder().setValue(offer.id()))
                .setFrameworkId(FrameworkID.newBuilder().setValue(offer.frameworkId()))
                .setAgentId(agent.info().getId())
                .setHostname(agent.info().getHostname())
                .setUrl(URL.newBuilder()
                        .setScheme(agent.https() ? "https" : "http")
                        .setAddress(Address.newBuilder()
                                .setHostname(agent.info().getHostname())
                                .setPort(agent.info().getPort()))
                        .setPath("/slave(1)"))
                .addAllAttributes(agent.info().getAttributesList())
                .addAllResources(messages(offer.resources()))
                .setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole(offer.role()));
        if (agent.unavailability() != null) {
            message.setUnavailability(agent.unavailability());
        }
        return message.build();
    }

    private static List<Resource> messages(Resources resources) {
        return ResourceMessages.toEndpointMessages(resources);
    }

    private static TimeInfo time(Instant time) {
        return TimeInfo.newBuilder()
                .setNanoseconds(time.getEpochSecond() * 1_000_000_000L + time.getNano())
                .build();
    }
}
