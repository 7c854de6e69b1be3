package io.paddock.master.server.read;

import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Operation;
import io.paddock.proto.v1.OperationState;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;

/** {@code master/operations/…}: the operations the master knows, by kind and by their latest state. */
final class OperationMetrics {
    private static final Set<Offer.Operation.Type> KINDS = EnumSet.of(
            Offer.Operation.Type.RESERVE,
            Offer.Operation.Type.UNRESERVE,
            Offer.Operation.Type.CREATE,
            Offer.Operation.Type.DESTROY,
            Offer.Operation.Type.GROW_VOLUME,
            Offer.Operation.Type.SHRINK_VOLUME,
            Offer.Operation.Type.CREATE_DISK,
            Offer.Operation.Type.DESTROY_DISK);
    private static final Set<OperationState> STATES = EnumSet.of(
            OperationState.OPERATION_PENDING,
            OperationState.OPERATION_RECOVERING,
            OperationState.OPERATION_UNREACHABLE,
            OperationState.OPERATION_FINISHED,
            OperationState.OPERATION_FAILED,
            OperationState.OPERATION_ERROR,
            OperationState.OPERATION_DROPPED,
            OperationState.OPERATION_GONE_BY_OPERATOR);

    private OperationMetrics() {}

    static void of(ClusterSnapshot snapshot, SortedMap<String, Double> values) {
        zero("master/operations/", values);
        KINDS.forEach(kind -> zero(prefix(kind), values));
        for (AgentView agent : snapshot.agents()) {
            for (Operation operation : agent.operations()) {
                OperationState state = operation.getLatestStatus().getState();
                count("master/operations/", state, values);
                count(prefix(operation.getInfo().getType()), state, values);
            }
        }
    }

    private static void zero(String prefix, SortedMap<String, Double> values) {
        values.put(prefix + "total", 0.0);
        STATES.forEach(state -> values.put(prefix + name(state), 0.0));
    }

    private static void count(String prefix, OperationState state, SortedMap<String, Double> values) {
        values.merge(prefix + "total", 1.0, Double::sum);
        if (STATES.contains(state)) {
            values.merge(prefix + name(state), 1.0, Double::sum);
        }
    }

    private static String prefix(Offer.Operation.Type kind) {
        return "master/operations/" + kind.name().toLowerCase(Locale.ROOT) + "/";
    }

    private static String name(OperationState state) {
        return state.name().substring("OPERATION_".length()).toLowerCase(Locale.ROOT);
    }
}
