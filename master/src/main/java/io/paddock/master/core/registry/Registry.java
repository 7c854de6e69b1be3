package io.paddock.master.core.registry;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.paddock.proto.registry.AgentRecord;
import io.paddock.proto.registry.FrameworkRecord;
import io.paddock.proto.registry.MachineRecord;
import io.paddock.proto.registry.WeightRecord;
import io.paddock.proto.v1.quota.QuotaConfig;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Agents, frameworks, weights, quotas and machines under maintenance as they are in the store. Changed by {@link #apply} only. */
public final class Registry {
    public static final String AGENTS = "agents/";
    public static final String FRAMEWORKS = "frameworks/";
    public static final String WEIGHTS = "weights/";
    public static final String QUOTAS = "quotas/";
    public static final String MACHINES = "machines/";

    private final TreeMap<String, AgentRecord> agents = new TreeMap<>();
    private final TreeMap<String, FrameworkRecord> frameworks = new TreeMap<>();
    private final TreeMap<String, Double> weights = new TreeMap<>();
    /** Replaced as a whole, so that it can be handed out. */
    private SortedMap<String, QuotaConfig> quotas = Collections.emptySortedMap();

    private final TreeMap<String, MachineRecord> machines = new TreeMap<>();
    private final DepartedAgents unreachable = new DepartedAgents();
    private final DepartedAgents gone = new DepartedAgents();
    private long machineChanges;

    /**
     * Makes writes true. Keys of other kinds are ignored: a newer master may have written them.
     *
     * @throws IllegalStateException when a value is not what its key says: the store is damaged
     */
    public void apply(Map<String, Optional<ByteString>> writes) {
        writes.forEach((key, value) -> {
            try {
                apply(key, value);
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("registry entry " + key + " cannot be read: " + e.getMessage(), e);
            }
        });
    }

    /** The weights among the entries of a store. */
    public static SortedMap<String, Double> weights(SortedMap<String, ByteString> entries) {
        Registry registry = new Registry();
        entries.tailMap(WEIGHTS).entrySet().stream()
                .takeWhile(entry -> entry.getKey().startsWith(WEIGHTS))
                .forEach(entry -> registry.apply(Map.of(entry.getKey(), Optional.of(entry.getValue()))));
        return registry.weights();
    }

    /** Agents that did not answer for too long and may come back. */
    public DepartedAgents unreachable() {
        return unreachable;
    }

    /** Agents that an operator marked gone. */
    public DepartedAgents gone() {
        return gone;
    }

    private void apply(String key, Optional<ByteString> value) throws InvalidProtocolBufferException {
        if (key.startsWith(AGENTS)) {
            String id = key.substring(AGENTS.length());
            unreachable.remove(id);
            gone.remove(id);
            if (value.isPresent()) {
                agent(id, AgentRecord.parseFrom(value.get()));
            } else {
                agents.remove(id);
            }
        } else if (key.startsWith(FRAMEWORKS)) {
            String id = key.substring(FRAMEWORKS.length());
            if (value.isPresent()) {
                frameworks.put(id, FrameworkRecord.parseFrom(value.get()));
            } else {
                frameworks.remove(id);
            }
        } else if (key.startsWith(WEIGHTS) && value.isPresent()) {
            WeightRecord record = WeightRecord.parseFrom(value.get());
            weights.put(record.getRole(), record.getWeight());
        } else if (key.startsWith(QUOTAS)) {
            TreeMap<String, QuotaConfig> changed = new TreeMap<>(quotas);
            if (value.isPresent()) {
                changed.put(key.substring(QUOTAS.length()), QuotaConfig.parseFrom(value.get()));
            } else {
                changed.remove(key.substring(QUOTAS.length()));
            }
            quotas = Collections.unmodifiableSortedMap(changed);
        } else if (key.startsWith(MACHINES)) {
            machineChanges++;
            if (value.isPresent()) {
                machines.put(key.substring(MACHINES.length()), MachineRecord.parseFrom(value.get()));
            } else {
                machines.remove(key.substring(MACHINES.length()));
            }
        }
    }

    private void agent(String id, AgentRecord record) {
        agents.put(id, record);
        switch (record.getStanding()) {
            case UNREACHABLE -> unreachable.put(id, since(record));
            case GONE -> gone.put(id, since(record));
            case ADMITTED -> {}
        }
    }

    private static Instant since(AgentRecord record) {
        return Instant.ofEpochSecond(0, record.getSince().getNanoseconds());
    }

    public @Nullable AgentRecord agent(String id) {
        return agents.get(id);
    }

    /**
     * An agent that must be there.
     *
     * @throws IllegalStateException when it is not: the caller decided on something it did not check
     */
    public AgentRecord requireAgent(String id) {
        AgentRecord record = agents.get(id);
        if (record == null) {
            throw new IllegalStateException("agent " + id + " is not in the registry");
        }
        return record;
    }

    public @Nullable FrameworkRecord framework(String id) {
        return frameworks.get(id);
    }

    public Collection<AgentRecord> agents() {
        return Collections.unmodifiableCollection(agents.values());
    }

    public Collection<FrameworkRecord> frameworks() {
        return Collections.unmodifiableCollection(frameworks.values());
    }

    public SortedMap<String, Double> weights() {
        return Collections.unmodifiableSortedMap(weights);
    }

    /** The machines in the maintenance schedule by their keys. */
    public SortedMap<String, MachineRecord> machines() {
        return Collections.unmodifiableSortedMap(machines);
    }

    /** Grows with every change of a machine's record. */
    public long machineChanges() {
        return machineChanges;
    }

    /** By role; immutable. */
    public SortedMap<String, QuotaConfig> quotas() {
        return quotas;
    }
}
