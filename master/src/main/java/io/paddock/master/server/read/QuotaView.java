package io.paddock.master.server.read;

import com.fasterxml.jackson.core.JsonGenerator;
import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.Quota;
import io.paddock.master.core.quota.QuotaConsumption;
import io.paddock.master.core.quota.QuotaRules;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.quota.QuotaConfig;
import io.paddock.proto.v1.quota.QuotaInfo;
import io.paddock.proto.v1.quota.QuotaStatus;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Quotas as they are told: in the operator API's form with the old one beside it, and as metrics. */
final class QuotaView {
    private QuotaView() {}

    @SuppressWarnings("deprecation") // the old form is still read
    static QuotaStatus status(ClusterSnapshot snapshot) {
        QuotaStatus.Builder status = QuotaStatus.newBuilder();
        snapshot.quotas().forEach((role, config) -> {
            status.addConfigs(config);
            Resources guarantees = resources(QuotaRules.quota(config).guarantees());
            if (!guarantees.isEmpty()) {
                status.addInfos(QuotaInfo.newBuilder()
                        .setRole(role)
                        .addAllGuarantee(ResourceMessages.toEndpointMessages(guarantees)));
            }
        });
        return status.build();
    }

    /** {@code /quota}: both lists, also empty ones. */
    static void write(JsonGenerator out, ClusterSnapshot snapshot) throws IOException {
        QuotaStatus status = status(snapshot);
        out.writeStartObject();
        out.writeArrayFieldStart("infos");
        for (QuotaInfo info : infos(status)) {
            JsonCodec.write(info, out);
        }
        out.writeEndArray();
        out.writeArrayFieldStart("configs");
        for (QuotaConfig config : status.getConfigsList()) {
            JsonCodec.write(config, out);
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    @SuppressWarnings("deprecation") // the old form
    private static List<QuotaInfo> infos(QuotaStatus status) {
        return status.getInfosList();
    }

    private static Resources resources(Map<String, Scalar> amounts) {
        Resources.Builder resources = new Resources.Builder();
        amounts.forEach((name, amount) -> resources.add(Resources.scalar(name, amount.value())));
        return resources.build();
    }

    /** {@code allocator/mesos/quota/roles/…}, for scalars that a role has a guarantee or limit of. */
    static void metrics(ClusterSnapshot snapshot, SortedMap<String, Double> values) {
        if (snapshot.quotas().isEmpty()) {
            return;
        }
        QuotaConsumption consumed = QuotaConsumption.of(snapshot.agents());
        QuotaConsumption withOffers = QuotaConsumption.of(snapshot.agents());
        snapshot.agents().forEach(agent -> withOffers.add(agent.offered(), 1));
        snapshot.quotas().forEach((role, config) -> {
            Quota quota = QuotaRules.quota(config);
            put(values, role, "guarantee", quota.guarantees());
            put(values, role, "limit", quota.limits());
            for (Map<String, Scalar> bounds : List.of(quota.guarantees(), quota.limits())) {
                bounds.keySet().forEach(name -> {
                    values.put(name(role, name, "consumed"), consumed.of(role, name) / 1000.0);
                    values.put(name(role, name, "offered_or_allocated"), withOffers.of(role, name) / 1000.0);
                });
            }
        });
    }

    private static void put(SortedMap<String, Double> values, String role, String what, Map<String, Scalar> amounts) {
        amounts.forEach((name, amount) -> values.put(name(role, name, what), amount.value()));
    }

    private static String name(String role, String resource, String what) {
        return "allocator/mesos/quota/roles/" + role + "/resources/" + resource + "/" + what;
    }
}
