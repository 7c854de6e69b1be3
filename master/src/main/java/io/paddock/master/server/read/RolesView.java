package io.paddock.master.server.read;

import com.fasterxml.jackson.core.JsonGenerator;
import io.paddock.common.resources.HeldResources;
import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.Quota;
import io.paddock.master.core.quota.QuotaConsumption;
import io.paddock.master.core.quota.QuotaRules;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.Role;
import io.paddock.proto.v1.quota.QuotaConfig;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Roles somebody uses, and their ancestors: what is allocated, offered and reserved to each and to all below it, and which
 * frameworks are subscribed to it.
 */
final class RolesView {
    private static final class Sums {
        private final Resources.Builder allocated = new Resources.Builder();
        private final Resources.Builder offered = new Resources.Builder();
        private final Resources.Builder reserved = new Resources.Builder();
        private final Set<Shared> shared = new HashSet<>();
        private final TreeSet<String> frameworks = new TreeSet<>();
    }

    private final SortedMap<String, Double> weights;
    private final SortedMap<String, QuotaConfig> quotas;
    private final QuotaConsumption consumption;
    private final SortedMap<String, Sums> roles = new TreeMap<>();

    RolesView(ClusterSnapshot snapshot) {
        this.weights = snapshot.weights();
        this.quotas = snapshot.quotas();
        this.consumption = QuotaConsumption.of(snapshot.agents());
        weights.keySet().forEach(this::known);
        quotas.keySet().forEach(this::known);
        for (FrameworkView framework : snapshot.frameworks()) {
            framework.roles().forEach(role -> known(role).frameworks.add(framework.id()));
            byRole(framework.used(), Use.ALLOCATED);
            byRole(framework.offered(), Use.OFFERED);
        }
        snapshot.agents().forEach(agent -> byRole(agent.total().reserved(), Use.RESERVED));
    }

    /** Counted already: several frameworks of a role may hold it, each the whole. */
    private record Shared(ResourceKey key, Use use) {}

    private enum Use {
        ALLOCATED,
        OFFERED,
        RESERVED
    }

    List<Role> messages() {
        return roles.entrySet().stream()
                .map(e -> {
                    Role.Builder role = Role.newBuilder()
                            .setName(e.getKey())
                            .setWeight(weight(e.getKey()))
                            .addAllResources(ResourceMessages.toEndpointMessages(
                                    both(e.getValue()).unallocated()));
                    e.getValue()
                            .frameworks
                            .forEach(id ->
                                    role.addFrameworks(FrameworkID.newBuilder().setValue(id)));
                    return role.build();
                })
                .toList();
    }

    void write(JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeArrayFieldStart("roles");
        for (var e : roles.entrySet()) {
            Sums sums = e.getValue();
            out.writeStartObject();
            out.writeStringField("name", e.getKey());
            ResourceJson.number(out, "weight", weight(e.getKey()));
            Resources allocated = sums.allocated.build();
            out.writeObjectFieldStart("quota");
            out.writeStringField("role", e.getKey());
            Quota quota = QuotaRules.quota(quotas.getOrDefault(e.getKey(), QuotaConfig.getDefaultInstance()));
            amounts(out, "guarantee", quota.guarantees());
            amounts(out, "limit", quota.limits());
            amounts(out, "consumed", consumption.of(e.getKey()));
            out.writeEndObject();
            ResourceJson.field(out, "resources", both(sums));
            ResourceJson.field(out, "allocated", allocated);
            ResourceJson.field(out, "offered", sums.offered.build());
            ResourceJson.field(out, "reserved", sums.reserved.build());
            out.writeArrayFieldStart("frameworks");
            for (String id : sums.frameworks) {
                out.writeString(id);
            }
            out.writeEndArray();
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    /** Amounts by name, all of them or none: unlike resources, a quota has no fixed set of names. */
    private static void amounts(JsonGenerator out, String field, Map<String, Scalar> amounts) throws IOException {
        out.writeObjectFieldStart(field);
        for (Map.Entry<String, Scalar> e : new TreeMap<>(amounts).entrySet()) {
            ResourceJson.number(out, e.getKey(), e.getValue().value());
        }
        out.writeEndObject();
    }

    private void byRole(Resources resources, Use use) {
        resources.amounts().forEach((key, quantity) -> {
            String role = use == Use.RESERVED ? key.reservedTo() : allocationRole(key);
            for (String each = role; !each.isEmpty(); each = parent(each)) {
                Sums sums = known(each);
                Resources.Builder sum =
                        switch (use) {
                            case ALLOCATED -> sums.allocated;
                            case OFFERED -> sums.offered;
                            case RESERVED -> sums.reserved;
                        };
                if (!key.shared() || sums.shared.add(new Shared(key, use))) {
                    sum.add(key, quantity);
                }
            }
        });
    }

    private static String allocationRole(ResourceKey key) {
        return key.allocationRole() == null ? "*" : key.allocationRole();
    }

    private Sums known(String role) {
        String parent = parent(role);
        if (!parent.isEmpty()) {
            known(parent);
        }
        return roles.computeIfAbsent(role, k -> new Sums());
    }

    private static String parent(String role) {
        int slash = role.lastIndexOf('/');
        return slash < 0 ? "" : role.substring(0, slash);
    }

    private double weight(String role) {
        return weights.getOrDefault(role, 1.0);
    }

    private static Resources both(Sums sums) {
        return HeldResources.sum(List.of(sums.allocated.build(), sums.offered.build()));
    }
}
