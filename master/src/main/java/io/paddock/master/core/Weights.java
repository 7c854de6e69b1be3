package io.paddock.master.core;

import io.paddock.common.Rejection;
import io.paddock.common.Roles;
import io.paddock.master.core.registry.RegistryRecord.SetWeights;
import io.paddock.proto.v1.WeightInfo;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Weights of roles: durable before the allocator obeys them. As in Mesos, those of the flag are stored where the registry has none. */
public final class Weights {
    private final Cluster cluster;
    private final RegistryWriter registry;
    private final Outbox outbox;

    Weights(Cluster cluster, RegistryWriter registry, Outbox outbox) {
        this.cluster = cluster;
        this.registry = registry;
        this.outbox = outbox;
    }

    /** What is wrong with a role or its weight, if anything; the paths say where each was given. */
    public static Optional<Rejection> check(String rolePath, String role, String weightPath, double weight) {
        return Roles.check(rolePath, role)
                .or(() -> weight > 0 && weight < Double.POSITIVE_INFINITY
                        ? Optional.empty()
                        : Optional.of(Rejection.invalid(weightPath + ": " + weight + " is not a positive number")));
    }

    void recover() {
        SortedMap<String, Double> known = registry.durable().weights();
        if (known.isEmpty() && !cluster.config.weights().isEmpty()) {
            persist(cluster.config.weights(), () -> {});
        }
        known.forEach(cluster.allocator::setWeight);
    }

    /** UPDATE_WEIGHTS: all of them or none; roles that are not named keep theirs. */
    void update(String request, List<WeightInfo> infos) throws RejectedException {
        String path = "update_weights.weight_infos";
        TreeMap<String, Double> weights = new TreeMap<>();
        for (int i = 0; i < infos.size(); i++) {
            WeightInfo info = infos.get(i);
            String at = path + "[" + i + "]";
            Optional<Rejection> wrong = check(at + ".role", info.getRole(), at + ".weight", info.getWeight());
            if (wrong.isPresent()) {
                throw new RejectedException(Rejection.Code.INVALID, wrong.get().message());
            }
            if (weights.put(info.getRole(), info.getWeight()) != null) {
                throw new RejectedException(
                        Rejection.Code.INVALID, at + ".role: role '" + info.getRole() + "' is given twice");
            }
        }
        if (weights.isEmpty()) {
            throw new RejectedException(Rejection.Code.INVALID, path + ": must not be empty");
        }
        Optional<String> unknown = cluster.config.admissions().refused(weights.keySet());
        if (unknown.isPresent()) {
            throw new RejectedException(Rejection.Code.INVALID, path + ": " + unknown.get());
        }
        persist(weights, () -> outbox.done(request));
    }

    private void persist(SortedMap<String, Double> weights, Runnable then) {
        registry.persist(new SetWeights(weights), at -> {
            weights.forEach(cluster.allocator::setWeight);
            then.run();
        });
    }
}
