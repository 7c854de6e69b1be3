package io.paddock.master.core.quota;

import io.paddock.common.Rejection;
import io.paddock.common.Roles;
import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.master.core.allocator.Quota;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.quota.QuotaConfig;
import io.paddock.proto.v1.quota.QuotaRequest;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Whether a quota is well formed, and its forms: the wire's (current and old) and the allocator's. */
public final class QuotaRules {
    /** Far beyond any cluster, and small enough that sums of thousandths stay in range. */
    private static final double MAX_AMOUNT = 1e12;

    private QuotaRules() {}

    /**
     * Checks one quota by itself.
     *
     * @param path of its field
     * @param notScalars names under which agents have ranges or sets
     */
    public static Optional<Rejection> check(String path, QuotaConfig config, Set<String> notScalars) {
        return Roles.check(path + ".role", config.getRole())
                .or(() -> checkAmounts(path + ".guarantees", config.getGuaranteesMap(), notScalars))
                .or(() -> checkAmounts(path + ".limits", config.getLimitsMap(), notScalars))
                .or(() -> checkOrder(path, config));
    }

    private static Optional<Rejection> checkAmounts(
            String path, Map<String, Value.Scalar> amounts, Set<String> notScalars) {
        for (Map.Entry<String, Value.Scalar> e : new TreeMap<>(amounts).entrySet()) {
            String field = path + "['" + e.getKey() + "']";
            double value = e.getValue().getValue();
            if (e.getKey().isEmpty() || e.getKey().chars().anyMatch(c -> c <= ' ' || c == '/')) {
                return refuse(field + ": is not the name of a resource");
            }
            if (notScalars.contains(e.getKey())) {
                return refuse(field + ": only scalars can have a quota, '" + e.getKey() + "' is none");
            }
            if (!(value >= 0 && value <= MAX_AMOUNT)) {
                return refuse(field + ": must be from 0 to " + (long) MAX_AMOUNT + ", but is " + value);
            }
        }
        return Optional.empty();
    }

    private static Optional<Rejection> checkOrder(String path, QuotaConfig config) {
        Quota quota = quota(config);
        for (Map.Entry<String, Scalar> e : new TreeMap<>(quota.guarantees()).entrySet()) {
            Scalar limit = quota.limits().get(e.getKey());
            if (limit != null && e.getValue().thousandths() > limit.thousandths()) {
                return refuse(path + ".guarantees['" + e.getKey() + "']: " + e.getValue() + " is more than the limit "
                        + limit);
            }
        }
        return Optional.empty();
    }

    /** Checks the guarantee of the old SET_QUOTA: plain scalars, each once. */
    public static Optional<Rejection> check(String path, QuotaRequest request) {
        if (request.getGuaranteeCount() == 0) {
            return refuse(path + ".guarantee: must not be empty");
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < request.getGuaranteeCount(); i++) {
            Resource resource = request.getGuarantee(i);
            String field = path + ".guarantee[" + i + "]";
            if (resource.getType() != Value.Type.SCALAR || !resource.hasScalar()) {
                return refuse(field + ": only scalars can have a quota, '" + resource.getName() + "' is none");
            }
            if (isSpecial(resource)) {
                return refuse(
                        field + ": must be a plain amount: no reservation, disk, revocable, shared or provider_id");
            }
            if (!names.add(resource.getName())) {
                return refuse(field + ".name: '" + resource.getName() + "' is given twice");
            }
        }
        return Optional.empty();
    }

    @SuppressWarnings("deprecation") // the old form of a reservation
    private static boolean isSpecial(Resource resource) {
        return resource.getReservationsCount() > 0
                || resource.hasReservation()
                || !resource.getRole().equals(Roles.DEFAULT)
                || resource.hasDisk()
                || resource.hasRevocable()
                || resource.hasShared()
                || resource.hasProviderId();
    }

    /** The old form's amounts are guarantee and limit at once. */
    public static QuotaConfig config(QuotaRequest request) {
        QuotaConfig.Builder config = QuotaConfig.newBuilder().setRole(request.getRole());
        request.getGuaranteeList()
                .forEach(resource -> config.putGuarantees(resource.getName(), resource.getScalar())
                        .putLimits(resource.getName(), resource.getScalar()));
        return config.build();
    }

    /** As the allocator takes it; a guarantee of 0 is none. */
    public static Quota quota(QuotaConfig config) {
        Map<String, Scalar> guarantees = scalars(config.getGuaranteesMap());
        guarantees.values().removeIf(Scalar::isEmpty);
        return new Quota(guarantees, scalars(config.getLimitsMap()));
    }

    private static Map<String, Scalar> scalars(Map<String, Value.Scalar> amounts) {
        Map<String, Scalar> scalars = new TreeMap<>();
        amounts.forEach((name, value) -> scalars.put(name, Scalar.of(value.getValue())));
        return scalars;
    }

    private static Optional<Rejection> refuse(String message) {
        return Optional.of(Rejection.invalid(message));
    }
}
