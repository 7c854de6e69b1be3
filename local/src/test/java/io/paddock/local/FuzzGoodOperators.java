package io.paddock.local;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.common.resources.Disk;
import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Reservation;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.MachineID;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.master.Call;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Calls of operators of a master and of an agent that are good as things stand, or nearly so; none takes the agent away for good. */
final class FuzzGoodOperators {
    static final String QUOTA_ROLE = "fuzz-quota";
    private static final Set<Call.Type> READS_OR_RARE =
            Set.of(Call.Type.DRAIN_AGENT, Call.Type.DEACTIVATE_AGENT, Call.Type.SUBSCRIBE, Call.Type.GET_METRICS);

    private final Random random;
    private final FuzzWorld world;
    private final List<ContainerID> containers = new ArrayList<>();
    private MachineID machine = MachineID.getDefaultInstance();
    private List<String> sandboxes = List.of();
    private List<MachineID> down = List.of();
    private int count;

    FuzzGoodOperators(Random random, FuzzWorld world) {
        this.random = random;
        this.world = world;
    }

    /**
     * Where the agent runs, the sandboxes on it, and which machines are down, which no schedule may leave out, those of mutated calls
     * among them.
     */
    void learn(MachineID where, JsonNode agentState, JsonNode maintenanceStatus) {
        machine = where;
        sandboxes = agentState.findValuesAsText("directory");
        down = new ArrayList<>();
        for (JsonNode each : maintenanceStatus.path("down_machines")) {
            down.add(JsonCodec.fromJson(each.toString(), MachineID.getDefaultInstance()));
        }
    }

    Call master() {
        Call.Type[] types = Call.Type.values();
        Call.Type type;
        do {
            type = types[1 + random.nextInt(types.length - 1)];
        } while ((READS_OR_RARE.contains(type) || type.name().startsWith("GET_")) && random.nextInt(6) != 0);
        Call.Builder call = Call.newBuilder().setType(type);
        switch (type) {
            case GET_METRICS -> call.getGetMetricsBuilder();
            case SET_LOGGING_LEVEL ->
                call.getSetLoggingLevelBuilder()
                        .setLevel(0)
                        .getDurationBuilder()
                        .setNanoseconds(1000);
            case LIST_FILES -> call.getListFilesBuilder().setPath("/master");
            case READ_FILE ->
                call.getReadFileBuilder().setPath("/master/log").setOffset(0).setLength(100);
            case UPDATE_WEIGHTS ->
                call.getUpdateWeightsBuilder()
                        .addWeightInfosBuilder()
                        .setRole(FuzzWorld.ROLE)
                        .setWeight(1 + random.nextInt(3));
            case RESERVE_RESOURCES ->
                call.getReserveResourcesBuilder()
                        .setAgentId(world.agentId())
                        .addAllResources(messages(reserved(random.nextBoolean() ? "cpus" : "disk", 0.5)));
            case UNRESERVE_RESOURCES ->
                call.getUnreserveResourcesBuilder()
                        .setAgentId(world.agentId())
                        .addAllResources(messages(offered(
                                key -> !key.reservations().isEmpty() && key.disk() == null, reserved("cpus", 0.1))));
            case CREATE_VOLUMES ->
                call.getCreateVolumesBuilder()
                        .setAgentId(world.agentId())
                        .addAllVolumes(messages(offered(FuzzGoodOperators::isReservedDisk, reserved("disk", 4))
                                .mapKeys(this::volume)));
            case DESTROY_VOLUMES ->
                call.getDestroyVolumesBuilder().setAgentId(world.agentId()).addAllVolumes(messages(anyVolume()));
            case GROW_VOLUME ->
                call.getGrowVolumeBuilder()
                        .setAgentId(world.agentId())
                        .setVolume(messages(anyVolume()).get(0))
                        .setAddition(messages(reserved("disk", 1)).get(0));
            case SHRINK_VOLUME ->
                call.getShrinkVolumeBuilder()
                        .setAgentId(world.agentId())
                        .setVolume(messages(anyVolume()).get(0))
                        .setSubtract(Value.Scalar.newBuilder().setValue(1));
            case UPDATE_MAINTENANCE_SCHEDULE -> maintenance(call);
            case START_MAINTENANCE -> call.getStartMaintenanceBuilder().addMachines(elsewhere());
            case STOP_MAINTENANCE ->
                call.getStopMaintenanceBuilder().addAllMachines(down.isEmpty() ? List.of(elsewhere()) : down);
            case DRAIN_AGENT ->
                call.getDrainAgentBuilder()
                        .setAgentId(world.agentId())
                        .getMaxGracePeriodBuilder()
                        .setSeconds(0);
            case DEACTIVATE_AGENT -> call.getDeactivateAgentBuilder().setAgentId(world.agentId());
            case REACTIVATE_AGENT -> call.getReactivateAgentBuilder().setAgentId(world.agentId());
            case MARK_AGENT_GONE ->
                call.getMarkAgentGoneBuilder().setAgentId(AgentID.newBuilder().setValue("agent-" + random.nextInt(9)));
            case UPDATE_QUOTA ->
                call.getUpdateQuotaBuilder()
                        .addQuotaConfigsBuilder()
                        .setRole(QUOTA_ROLE)
                        .putGuarantees("cpus", scalar(0.1))
                        .putLimits("cpus", scalar(1 + random.nextInt(4)));
            case SET_QUOTA ->
                call.getSetQuotaBuilder()
                        .getQuotaRequestBuilder()
                        .setForce(random.nextBoolean())
                        .setRole(QUOTA_ROLE)
                        .addAllGuarantee(messages(Resources.parse("cpus:0.1")));
            case REMOVE_QUOTA -> call.getRemoveQuotaBuilder().setRole(QUOTA_ROLE);
            case TEARDOWN -> call.getTeardownBuilder().getFrameworkIdBuilder().setValue("framework-of-nobody");
            case EXPLAIN_OFFERS -> call.getExplainOffersBuilder().setFrameworkId(world.frameworkId());
            default -> {} // has no arguments
        }
        return call.build();
    }

    private static Value.Scalar scalar(double value) {
        return Value.Scalar.newBuilder().setValue(value).build();
    }

    private static List<Resource> messages(Resources resources) {
        return ResourceMessages.toMessages(resources);
    }

    private static Resources reserved(String name, double amount) {
        return Resources.of(
                ResourceKey.of(name)
                        .withReservations(
                                List.of(new Reservation(Reservation.Type.DYNAMIC, FuzzWorld.ROLE, null, List.of()))),
                Quantity.Scalar.of(amount));
    }

    /** Something of that kind in one of the offers, else what is given instead. */
    private Resources offered(Predicate<ResourceKey> kind, Resources otherwise) {
        for (Offer offer : world.offers()) {
            Resources fitting = ResourceMessages.fromMessages(offer.getResourcesList())
                    .unallocated()
                    .filter(kind);
            for (Map.Entry<ResourceKey, Quantity> e : fitting.amounts().entrySet()) {
                return Resources.of(e.getKey(), e.getValue());
            }
        }
        return otherwise;
    }

    private static boolean isReservedDisk(ResourceKey key) {
        return key.name().equals("disk") && !key.reservations().isEmpty() && key.disk() == null;
    }

    private ResourceKey volume(ResourceKey key) {
        return key.withDisk(new Disk(
                new Disk.Persistence("operators-" + count++, null), new Disk.Volume("RW", "data", null), null));
    }

    private Resources anyVolume() {
        return offered(ResourceKey::isIndivisible, reserved("disk", 4).mapKeys(this::volume));
    }

    private MachineID elsewhere() {
        return MachineID.newBuilder().setHostname("host-" + random.nextInt(4)).build();
    }

    private void maintenance(Call.Builder call) {
        var schedule = call.getUpdateMaintenanceScheduleBuilder().getScheduleBuilder();
        if (random.nextInt(3) != 0) {
            var window = schedule.addWindowsBuilder().addMachineIds(random.nextInt(3) == 0 ? elsewhere() : machine);
            window.getUnavailabilityBuilder()
                    .getStartBuilder()
                    .setNanoseconds(Instant.now().plusSeconds(3600).getEpochSecond() * 1_000_000_000L);
        }
    }

    io.paddock.proto.v1.agent.Call agent() {
        var types = io.paddock.proto.v1.agent.Call.Type.values();
        io.paddock.proto.v1.agent.Call.Type type;
        do {
            type = types[1 + random.nextInt(types.length - 1)];
        } while ((type.name().startsWith("GET_") || type.name().contains("RESOURCE_PROVIDER"))
                && random.nextInt(6) != 0);
        var call = io.paddock.proto.v1.agent.Call.newBuilder().setType(type);
        ContainerID launched = one(containers);
        ContainerID known = launched == null ? launched(false) : launched;
        switch (type) {
            case GET_METRICS -> call.getGetMetricsBuilder();
            case SET_LOGGING_LEVEL ->
                call.getSetLoggingLevelBuilder()
                        .setLevel(0)
                        .getDurationBuilder()
                        .setNanoseconds(1000);
            case LIST_FILES -> call.getListFilesBuilder().setPath(sandbox());
            case READ_FILE ->
                call.getReadFileBuilder()
                        .setPath(sandbox() + "/stdout")
                        .setOffset(0)
                        .setLength(100);
            case GET_CONTAINERS ->
                call.getGetContainersBuilder()
                        .setShowNested(random.nextBoolean())
                        .setShowStandalone(random.nextBoolean());
            case LAUNCH_CONTAINER -> {
                call.getLaunchContainerBuilder()
                        .setContainerId(launched(random.nextBoolean()))
                        .getCommandBuilder()
                        .setValue("true");
                if (!call.getLaunchContainer().getContainerId().hasParent()) {
                    call.getLaunchContainerBuilder().addAllResources(messages(Resources.parse("cpus:0.1;mem:32")));
                }
            }
            case LAUNCH_NESTED_CONTAINER ->
                call.getLaunchNestedContainerBuilder()
                        .setContainerId(launched(true))
                        .getCommandBuilder()
                        .setValue("true");
            case LAUNCH_NESTED_CONTAINER_SESSION ->
                call.getLaunchNestedContainerSessionBuilder()
                        .setContainerId(launched(true))
                        .getCommandBuilder()
                        .setValue("true");
            case WAIT_CONTAINER -> call.getWaitContainerBuilder().setContainerId(known);
            case WAIT_NESTED_CONTAINER -> call.getWaitNestedContainerBuilder().setContainerId(known);
            case KILL_CONTAINER -> call.getKillContainerBuilder().setContainerId(known);
            case KILL_NESTED_CONTAINER -> call.getKillNestedContainerBuilder().setContainerId(known);
            case REMOVE_CONTAINER -> call.getRemoveContainerBuilder().setContainerId(known);
            case REMOVE_NESTED_CONTAINER ->
                call.getRemoveNestedContainerBuilder().setContainerId(known);
            case ATTACH_CONTAINER_OUTPUT ->
                call.getAttachContainerOutputBuilder().setContainerId(known);
            case ATTACH_CONTAINER_INPUT ->
                call.getAttachContainerInputBuilder()
                        .setType(io.paddock.proto.v1.agent.Call.AttachContainerInput.Type.CONTAINER_ID)
                        .setContainerId(known);
            case ADD_RESOURCE_PROVIDER_CONFIG ->
                call.getAddResourceProviderConfigBuilder()
                        .getInfoBuilder()
                        .setType("t")
                        .setName("n");
            case UPDATE_RESOURCE_PROVIDER_CONFIG ->
                call.getUpdateResourceProviderConfigBuilder()
                        .getInfoBuilder()
                        .setType("t")
                        .setName("n");
            case REMOVE_RESOURCE_PROVIDER_CONFIG ->
                call.getRemoveResourceProviderConfigBuilder().setType("t").setName("n");
            case MARK_RESOURCE_PROVIDER_GONE ->
                call.getMarkResourceProviderGoneBuilder()
                        .getResourceProviderIdBuilder()
                        .setValue("p");
            default -> {} // has no arguments
        }
        return call.build();
    }

    /** A call that was accepted: what it launched can be called about. */
    void accepted(io.paddock.proto.v1.agent.Call call) {
        switch (call.getType()) {
            case LAUNCH_CONTAINER -> containers.add(call.getLaunchContainer().getContainerId());
            case LAUNCH_NESTED_CONTAINER ->
                containers.add(call.getLaunchNestedContainer().getContainerId());
            case REMOVE_CONTAINER -> containers.remove(call.getRemoveContainer().getContainerId());
            default -> {} // launches nothing that stays
        }
    }

    String sandbox() {
        String any = one(sandboxes);
        return any == null ? "/slave/log" : any;
    }

    /** A new container; below one of a task if it is to be nested and there is one. */
    private ContainerID launched(boolean nested) {
        ContainerID.Builder id = ContainerID.newBuilder().setValue("container-" + count++);
        ContainerID parent = one(world.containers());
        if (nested && parent != null) {
            id.setParent(parent);
        }
        return id.build();
    }

    private <T> @Nullable T one(List<T> list) {
        return list.isEmpty() ? null : list.get(random.nextInt(list.size()));
    }
}
