package io.paddock.master.core.registry;

import com.google.protobuf.ByteString;
import io.paddock.proto.registry.AgentRecord;
import io.paddock.proto.registry.FrameworkRecord;
import io.paddock.proto.registry.MachineRecord;
import io.paddock.proto.registry.WeightRecord;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.DrainInfo;
import io.paddock.proto.v1.DrainState;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.TimeInfo;
import io.paddock.proto.v1.quota.QuotaConfig;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * One durable change. {@link #writes} computes it against the registry with all earlier decisions in it, confirmed or
 * not, since writes keep their order.
 */
public sealed interface RegistryRecord {
    /** New values by key; empty deletes. */
    Map<String, Optional<ByteString>> writes(Registry decided);

    /** A new agent, or one that returns from being unreachable; what an operator decided about it stays. */
    record AdmitAgent(AgentInfo info) implements RegistryRecord {
        @Override
        public Map<String, Optional<ByteString>> writes(Registry decided) {
            String id = info.getId().getValue();
            AgentRecord known = decided.agent(id);
            AgentRecord.Builder record = known == null ? AgentRecord.newBuilder() : known.toBuilder();
            return put(record.setInfo(info)
                    .setStanding(AgentRecord.Standing.ADMITTED)
                    .clearSince()
                    .build());
        }
    }

    record MarkUnreachable(String agentId, Instant since) implements RegistryRecord {
        @Override
        public Map<String, Optional<ByteString>> writes(Registry decided) {
            return put(decided.requireAgent(agentId).toBuilder()
                    .setStanding(AgentRecord.Standing.UNREACHABLE)
                    .setSince(time(since))
                    .build());
        }
    }

    record MarkGone(String agentId, Instant since) implements RegistryRecord {
        @Override
        public Map<String, Optional<ByteString>> writes(Registry decided) {
            return put(decided.requireAgent(agentId).toBuilder()
                    .setStanding(AgentRecord.Standing.GONE)
                    .setSince(time(since))
                    .build());
        }
    }

    /** The agent left for good, or never learnt its id. */
    record RemoveAgent(String agentId) implements RegistryRecord {
        @Override
        public Map<String, Optional<ByteString>> writes(Registry decided) {
            return Map.of(Registry.AGENTS + agentId, Optional.empty());
        }
    }

    /** Agents that were unreachable or gone for too long, or that are too many of those. */
    record ForgetAgents(List<String> agentIds) implements RegistryRecord {
        @Override
        public Map<String, Optional<ByteString>> writes(Registry decided) {
            Map<String, Optional<ByteString>> writes = new LinkedHashMap<>();
            agentIds.forEach(id -> writes.put(Registry.AGENTS + id, Optional.empty()));
            return writes;
        }
    }

    /**
     * No more offers; with a drain, its tasks are being ended too.
     *
     * @param since when it was asked for
     */
    record DeactivateAgent(String agentId, @Nullable DrainInfo drain, TimeInfo since) implements RegistryRecord {
        @Override
        public Map<String, Optional<ByteString>> writes(Registry decided) {
            AgentRecord.Builder record =
                    decided.requireAgent(agentId).toBuilder().setDeactivated(true);
            if (drain != null) {
                record.setDrain(drain).setDrainSince(since);
            }
            return put(record.build());
        }
    }

    /** Nothing runs there any more. */
    record MarkDrained(String agentId) implements RegistryRecord {
        @Override
        public Map<String, Optional<ByteString>> writes(Registry decided) {
            AgentRecord known = decided.requireAgent(agentId);
            return put(known.toBuilder()
                    .setDrain(known.getDrain().toBuilder().setState(DrainState.DRAINED))
                    .build());
        }
    }

    record ReactivateAgent(String agentId) implements RegistryRecord {
        @Override
        public Map<String, Optional<ByteString>> writes(Registry decided) {
            return put(decided.requireAgent(agentId).toBuilder()
                    .setDeactivated(false)
                    .clearDrain()
                    .clearDrainSince()
                    .build());
        }
    }

    /**
     * A framework subscribed, changed or lost its scheduler.
     *
     * @param info with its id
     * @param deadline set while the scheduler is away: when the framework is removed
     */
    record PutFramework(FrameworkInfo info, @Nullable Instant deadline) implements RegistryRecord {
        @Override
        public Map<String, Optional<ByteString>> writes(Registry decided) {
            FrameworkRecord.Builder record = FrameworkRecord.newBuilder().setInfo(info);
            if (deadline != null) {
                record.setDeadline(time(deadline));
            }
            return Map.of(
                    Registry.FRAMEWORKS + info.getId().getValue(),
                    Optional.of(record.build().toByteString()));
        }
    }

    record RemoveFramework(String frameworkId) implements RegistryRecord {
        @Override
        public Map<String, Optional<ByteString>> writes(Registry decided) {
            return Map.of(Registry.FRAMEWORKS + frameworkId, Optional.empty());
        }
    }

    /** Weights of some roles; the others stay. */
    record SetWeights(SortedMap<String, Double> weights) implements RegistryRecord {
        @Override
        public Map<String, Optional<ByteString>> writes(Registry decided) {
            Map<String, Optional<ByteString>> writes = new LinkedHashMap<>();
            weights.forEach((role, weight) -> writes.put(
                    Registry.WEIGHTS + role,
                    Optional.of(WeightRecord.newBuilder()
                            .setRole(role)
                            .setWeight(weight)
                            .build()
                            .toByteString())));
            return writes;
        }
    }

    /** Quotas of some roles; the others stay. One without any amount removes what the role had. */
    record SetQuotas(List<QuotaConfig> quotas) implements RegistryRecord {
        @Override
        public Map<String, Optional<ByteString>> writes(Registry decided) {
            Map<String, Optional<ByteString>> writes = new LinkedHashMap<>();
            for (QuotaConfig quota : quotas) {
                boolean none = quota.getGuaranteesCount() == 0 && quota.getLimitsCount() == 0;
                writes.put(
                        Registry.QUOTAS + quota.getRole(), none ? Optional.empty() : Optional.of(quota.toByteString()));
            }
            return writes;
        }
    }

    /** The machines in the maintenance schedule, by key; those that are not given leave it. */
    record SetMachines(SortedMap<String, MachineRecord> machines) implements RegistryRecord {
        @Override
        public Map<String, Optional<ByteString>> writes(Registry decided) {
            Map<String, Optional<ByteString>> writes = new LinkedHashMap<>();
            decided.machines().keySet().forEach(key -> {
                if (!machines.containsKey(key)) {
                    writes.put(Registry.MACHINES + key, Optional.empty());
                }
            });
            machines.forEach((key, machine) -> {
                if (!machine.equals(decided.machines().get(key))) {
                    writes.put(Registry.MACHINES + key, Optional.of(machine.toByteString()));
                }
            });
            return writes;
        }
    }

    private static Map<String, Optional<ByteString>> put(AgentRecord record) {
        return Map.of(Registry.AGENTS + record.getInfo().getId().getValue(), Optional.of(record.toByteString()));
    }

    private static TimeInfo time(Instant at) {
        return TimeInfo.newBuilder()
                .setNanoseconds(at.getEpochSecond() * 1_000_000_000L + at.getNano())
                .build();
    }
}
