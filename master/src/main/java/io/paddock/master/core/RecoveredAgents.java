package io.paddock.master.core;

import io.paddock.proto.registry.AgentRecord;
import io.paddock.proto.v1.AgentInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Agents that the registry knows and that are not back since this master leads. While one is awaited, nothing is said
 * about tasks that may run on it.
 */
final class RecoveredAgents {
    private final Map<String, AgentInfo> awaited = new TreeMap<>();
    private int known;
    private @Nullable List<AgentInfo> view;

    void recover(Collection<AgentRecord> records) {
        for (AgentRecord record : records) {
            if (record.getStanding() == AgentRecord.Standing.ADMITTED) {
                awaited.put(record.getInfo().getId().getValue(), record.getInfo());
            }
        }
        known = awaited.size();
        view = null;
    }

    /** How many agents the registry had when this master was elected. */
    int known() {
        return known;
    }

    /**
     * It registered again, or is not waited for any longer.
     *
     * @return whether it was awaited
     */
    boolean remove(String agentId) {
        boolean was = awaited.remove(agentId) != null;
        if (was) {
            view = null;
        }
        return was;
    }

    boolean isAwaited(String agentId) {
        return awaited.containsKey(agentId);
    }

    boolean anyAwaited() {
        return !awaited.isEmpty();
    }

    int count() {
        return awaited.size();
    }

    List<String> ids() {
        return new ArrayList<>(awaited.keySet());
    }

    List<AgentInfo> view() {
        List<AgentInfo> current = view;
        if (current == null) {
            current = List.copyOf(awaited.values());
            view = current;
        }
        return current;
    }
}
