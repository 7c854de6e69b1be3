package io.paddock.local;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.InverseOffer;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the framework in whose name calls are made knows: the offers it holds, its tasks, what it has to acknowledge. It comes back
 * under the same id when a call took its stream away, and as a new framework when a call removed it.
 */
final class FuzzWorld implements AutoCloseable {
    static final String ROLE = "fuzz";
    static final String EXECUTOR = "speaker";
    private static final Set<TaskState> ALIVE =
            EnumSet.of(TaskState.TASK_STAGING, TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_KILLING);

    private final String master;
    private final String agent;
    private final AgentID agentId;
    private final Map<String, Offer> offers = new LinkedHashMap<>();
    private final Map<String, InverseOffer> inverseOffers = new LinkedHashMap<>();
    private final Map<String, TaskStatus> tasks = new LinkedHashMap<>();
    private final Map<String, OperationStatus> operations = new LinkedHashMap<>();
    private final List<TaskStatus> unacknowledged = new ArrayList<>();
    private final List<OperationStatus> unacknowledgedOperations = new ArrayList<>();
    private SchedulerByHand scheduler;
    private FuzzExecutor executor;
    private int read;
    private int removals;

    FuzzWorld(String master, String agent, AgentID agentId) {
        this.master = master;
        this.agent = agent;
        this.agentId = agentId;
    }

    private static FrameworkInfo info() {
        FrameworkInfo.Builder info = FrameworkInfo.newBuilder()
                .setUser("root")
                .setName("bystander")
                .addRoles(ROLE)
                .setFailoverTimeout(3600);
        for (FrameworkInfo.Capability.Type type : List.of(
                FrameworkInfo.Capability.Type.MULTI_ROLE,
                FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT,
                FrameworkInfo.Capability.Type.SHARED_RESOURCES,
                FrameworkInfo.Capability.Type.PARTITION_AWARE)) {
            info.addCapabilitiesBuilder().setType(type);
        }
        return info.build();
    }

    /** Hears what was told meanwhile; whoever was removed or thrown out is there again afterwards. */
    void catchUp() {
        if (scheduler == null || scheduler.hasEnded()) {
            subscribe();
        }
        List<JsonNode> events = scheduler.events();
        for (; read < events.size(); read++) {
            hear(events.get(read));
        }
    }

    private void subscribe() {
        boolean known = false;
        if (scheduler != null) {
            scheduler.close();
            for (JsonNode framework : Http.get(master + "/frameworks").json().path("frameworks")) {
                known |= framework.path("id").asText().equals(scheduler.frameworkId());
            }
        }
        if (!known || !comeBack()) {
            scheduler = SchedulerByHand.subscribe(master, JsonCodec.toJsonString(info()), false);
            tasks.clear();
            operations.clear();
            unacknowledged.clear();
            unacknowledgedOperations.clear();
            removals++;
        }
        offers.clear();
        inverseOffers.clear();
        read = 0;
    }

    /** Whether the framework is there again under its id: its time may have run out just now. */
    private boolean comeBack() {
        String id = scheduler.frameworkId();
        String same = JsonCodec.toJsonString(
                info().toBuilder().setId(FrameworkID.newBuilder().setValue(id)).build());
        try {
            scheduler = SchedulerByHand.resubscribe(master, same, id, false);
            return true;
        } catch (IllegalStateException e) {
            if (String.valueOf(e.getMessage()).contains("Framework has been removed")) {
                return false;
            }
            throw e;
        }
    }

    private void hear(JsonNode event) {
        switch (event.path("type").asText()) {
            case "OFFERS" -> {
                for (JsonNode offer : event.at("/offers/offers")) {
                    offers.put(offer.at("/id/value").asText(), parsed(offer, Offer.getDefaultInstance()));
                }
            }
            case "RESCIND" -> offers.remove(event.at("/rescind/offer_id/value").asText());
            case "INVERSE_OFFERS" -> {
                for (JsonNode offer : event.at("/inverse_offers/inverse_offers")) {
                    inverseOffers.put(offer.at("/id/value").asText(), parsed(offer, InverseOffer.getDefaultInstance()));
                }
            }
            case "RESCIND_INVERSE_OFFER" ->
                inverseOffers.remove(event.at("/rescind_inverse_offer/inverse_offer_id/value")
                        .asText());
            case "UPDATE" -> {
                TaskStatus status = complete(parsed(event.at("/update/status"), TaskStatus.getDefaultInstance()));
                tasks.merge(status.getTaskId().getValue(), status, FuzzWorld::newer);
                if (status.hasUuid()) {
                    unacknowledged.add(status);
                }
            }
            case "UPDATE_OPERATION_STATUS" -> {
                OperationStatus status =
                        parsed(event.at("/update_operation_status/status"), OperationStatus.getDefaultInstance());
                if (status.getState() == OperationState.OPERATION_UNKNOWN) {
                    operations.putIfAbsent(status.getOperationId().getValue(), status);
                } else {
                    operations.put(status.getOperationId().getValue(), status);
                }
                if (status.hasUuid()) {
                    unacknowledgedOperations.add(status);
                }
            }
            default -> {} // HEARTBEAT, SUBSCRIBED, MESSAGE, FAILURE, ERROR
        }
    }

    /** A second task of the same name is refused, and what was acknowledged is not known any more: neither is about the first. */
    private static TaskStatus newer(TaskStatus known, TaskStatus told) {
        boolean ofAnother = told.getState() == TaskState.TASK_ERROR && isAlive(known);
        return ofAnother || told.getReason() == TaskStatus.Reason.REASON_RECONCILIATION ? known : told;
    }

    /** What the master says of itself names neither agent nor executor; a command's executor is named like its task. */
    private TaskStatus complete(TaskStatus status) {
        TaskStatus.Builder complete = status.toBuilder().setAgentId(agentId);
        if (!status.hasExecutorId()) {
            complete.getExecutorIdBuilder().setValue(status.getTaskId().getValue());
        }
        return complete.build();
    }

    private static <M extends com.google.protobuf.Message> M parsed(JsonNode json, M type) {
        return JsonCodec.fromJson(json.toString(), type);
    }

    /** What was in a call is not held any more, whatever became of it. */
    void used(Call call) {
        call.getAccept().getOfferIdsList().forEach(id -> offers.remove(id.getValue()));
        call.getDecline().getOfferIdsList().forEach(id -> offers.remove(id.getValue()));
        call.getAcceptInverseOffers().getInverseOfferIdsList().forEach(id -> inverseOffers.remove(id.getValue()));
        call.getDeclineInverseOffers().getInverseOfferIdsList().forEach(id -> inverseOffers.remove(id.getValue()));
        if (call.hasAcknowledge()) {
            unacknowledged.removeIf(
                    status -> status.getUuid().equals(call.getAcknowledge().getUuid()));
        }
        if (call.hasAcknowledgeOperationStatus()) {
            unacknowledgedOperations.removeIf(status -> status.getUuid()
                    .getValue()
                    .equals(call.getAcknowledgeOperationStatus().getUuid()));
        }
        if (call.hasUpdateFramework() || call.hasSuppress()) {
            send(Call.newBuilder().setType(Call.Type.UPDATE_FRAMEWORK).setUpdateFramework(update()));
        }
    }

    /** As it was when it subscribed. */
    Call.UpdateFramework update() {
        return Call.UpdateFramework.newBuilder()
                .setFrameworkInfo(info().toBuilder().setId(frameworkId()))
                .build();
    }

    /** Acknowledges everything, so that no update waits for another. */
    void acknowledgeAll() {
        for (TaskStatus status : List.copyOf(unacknowledged)) {
            Call.Builder call = Call.newBuilder().setType(Call.Type.ACKNOWLEDGE);
            call.getAcknowledgeBuilder()
                    .setAgentId(status.getAgentId())
                    .setTaskId(status.getTaskId())
                    .setUuid(status.getUuid());
            send(call);
        }
        unacknowledged.clear();
        for (OperationStatus status : List.copyOf(unacknowledgedOperations)) {
            Call.Builder call = Call.newBuilder().setType(Call.Type.ACKNOWLEDGE_OPERATION_STATUS);
            call.getAcknowledgeOperationStatusBuilder()
                    .setAgentId(status.getAgentId())
                    .setOperationId(status.getOperationId())
                    .setUuid(status.getUuid().getValue());
            send(call);
        }
        unacknowledgedOperations.clear();
    }

    /** Sends a call that is right; answers the status. */
    int send(Call.Builder call) {
        String json = JsonCodec.toJsonString(call.clone().clearType().buildPartial());
        return scheduler.call(call.getType().name(), json.substring(1, json.length() - 1));
    }

    /** Whether the executor that this test speaks for has a stream; if not and it can have one, it gets it. */
    boolean hasExecutor() {
        if (executor != null && !executor.hasEnded()) {
            return true;
        }
        boolean running = false;
        JsonNode state = Http.get(agent + "/state").json();
        for (JsonNode framework : state.path("frameworks")) {
            for (JsonNode known : framework.path("executors")) {
                running |= framework.path("id").asText().equals(scheduler.frameworkId())
                        && known.path("id").asText().equals(EXECUTOR);
            }
        }
        executor = running ? FuzzExecutor.subscribe(agent, frameworkId()) : null;
        return executor != null;
    }

    /** The executor ends, whatever of what it was told it has heard. */
    void shutDownExecutor() {
        Call.Builder call = Call.newBuilder().setType(Call.Type.SHUTDOWN);
        call.getShutdownBuilder().setAgentId(agentId).getExecutorIdBuilder().setValue(EXECUTOR);
        send(call);
    }

    /** Tasks that the executor was given. */
    List<TaskID> executorsTasks() {
        return executor == null ? List.of() : executor.tasks();
    }

    static boolean isAlive(TaskStatus status) {
        return ALIVE.contains(status.getState());
    }

    List<TaskStatus> alive() {
        return tasks.values().stream().filter(FuzzWorld::isAlive).toList();
    }

    List<ContainerID> containers() {
        return alive().stream()
                .filter(status -> status.getContainerStatus().hasContainerId())
                .map(status -> status.getContainerStatus().getContainerId())
                .toList();
    }

    Map<String, TaskStatus> tasks() {
        return tasks;
    }

    Map<String, OperationStatus> operations() {
        return operations;
    }

    List<Offer> offers() {
        return List.copyOf(offers.values());
    }

    List<InverseOffer> inverseOffers() {
        return List.copyOf(inverseOffers.values());
    }

    List<TaskStatus> unacknowledged() {
        return unacknowledged;
    }

    List<OperationStatus> unacknowledgedOperations() {
        return unacknowledgedOperations;
    }

    AgentID agentId() {
        return agentId;
    }

    FrameworkID frameworkId() {
        return FrameworkID.newBuilder().setValue(scheduler.frameworkId()).build();
    }

    String streamId() {
        return scheduler.streamId();
    }

    /** How often it had to begin anew; what was expected of the framework before is not to be expected any more. */
    int removals() {
        return removals;
    }

    @Override
    public void close() {
        if (executor != null) {
            executor.close();
        }
        if (scheduler != null) {
            scheduler.close();
        }
    }
}
