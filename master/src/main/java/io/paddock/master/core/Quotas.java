package io.paddock.master.core;

import io.paddock.common.Rejection;
import io.paddock.common.Roles;
import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.Quota;
import io.paddock.master.core.quota.OffersInTheWay;
import io.paddock.master.core.quota.QuotaConsumption;
import io.paddock.master.core.quota.QuotaRules;
import io.paddock.master.core.quota.QuotaTree;
import io.paddock.master.core.registry.RegistryRecord.SetQuotas;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.OfferView;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.quota.QuotaConfig;
import io.paddock.proto.v1.quota.QuotaRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The operator's calls about quota. A change is durable before the allocator obeys it; then offers that stand in its way are
 * taken back. {@code force} skips what depends on the state of the cluster: its capacity, and what is consumed already.
 */
final class Quotas {
    private final Cluster cluster;
    private final RegistryWriter registry;
    private final Outbox outbox;
    private final Offers offers;
    private final RecoveredAgents recoveredAgents;

    Quotas(Cluster cluster, RegistryWriter registry, Outbox outbox, Offers offers, RecoveredAgents recoveredAgents) {
        this.cluster = cluster;
        this.registry = registry;
        this.outbox = outbox;
        this.offers = offers;
        this.recoveredAgents = recoveredAgents;
    }

    void recover() {
        registry.durable()
                .quotas()
                .forEach((role, config) -> cluster.allocator.setQuota(role, QuotaRules.quota(config)));
    }

    /** UPDATE_QUOTA: each config replaces the whole quota of its role; all of them or none. */
    void update(String request, List<QuotaConfig> configs, boolean force) {
        String path = "update_quota.quota_configs";
        Set<String> notScalars = notScalars();
        Set<String> roles = new HashSet<>();
        Optional<Rejection> wrong = configs.isEmpty() ? refuse(path + ": must not be empty") : Optional.empty();
        for (int i = 0; i < configs.size() && wrong.isEmpty(); i++) {
            String at = path + "[" + i + "]";
            QuotaConfig config = configs.get(i);
            wrong = QuotaRules.check(at, config, notScalars)
                    .or(() -> roles.add(config.getRole())
                            ? Optional.empty()
                            : refuse(at + ".role: role '" + config.getRole() + "' is given twice"));
        }
        change(request, path, configs, force, Rejection.Code.INVALID, wrong);
    }

    /** SET_QUOTA: what is given is guarantee and limit of a role that has no quota yet. */
    void set(String request, QuotaRequest given) {
        String path = "set_quota.quota_request";
        Optional<Rejection> wrong =
                Roles.check(path + ".role", given.getRole()).or(() -> QuotaRules.check(path, given));
        if (wrong.isPresent()) {
            outbox.reject(request, wrong.get());
            return;
        }
        QuotaConfig config = QuotaRules.config(given);
        Optional<Rejection> unfit = QuotaRules.check(path, config, notScalars())
                .or(() -> registry.decided().quotas().containsKey(given.getRole())
                        ? refuse(path + ".role: role '" + given.getRole()
                                + "' already has a quota; remove it first or use UPDATE_QUOTA")
                        : Optional.empty());
        change(request, path, List.of(config), given.getForce(), Rejection.Code.CONFLICT, unfit);
    }

    void remove(String request, String role) {
        Optional<Rejection> wrong = Roles.check("remove_quota.role", role)
                .or(() -> registry.decided().quotas().containsKey(role)
                        ? Optional.empty()
                        : refuse("remove_quota.role: role '" + role + "' has no quota"));
        QuotaConfig none = QuotaConfig.newBuilder().setRole(role).build();
        change(request, "remove_quota", List.of(none), false, Rejection.Code.INVALID, wrong);
    }

    private void change(
            String request,
            String path,
            List<QuotaConfig> configs,
            boolean force,
            Rejection.Code beyondCapacity,
            Optional<Rejection> wrong) {
        SetQuotas record = new SetQuotas(configs);
        List<String> roles = configs.stream().map(QuotaConfig::getRole).toList();
        Optional<Rejection> refused = wrong.or(() ->
                        cluster.config.admissions().refused(roles).map(why -> Rejection.invalid(path + ": " + why)))
                .or(() -> registry.fits(record)
                        ? Optional.empty()
                        : refuse(path + ": too many to be written at once; set them in several calls"))
                .or(() -> checkTogether(path, configs))
                .or(() -> force ? Optional.empty() : checkCluster(path, configs, beyondCapacity));
        if (refused.isPresent()) {
            outbox.reject(request, refused.get());
            return;
        }
        registry.persist(record, at -> {
            configs.forEach(config -> cluster.allocator.setQuota(config.getRole(), QuotaRules.quota(config)));
            makeRoom();
            outbox.done(request);
        });
    }

    private Optional<Rejection> checkTogether(String path, List<QuotaConfig> configs) {
        return tree(with(configs)).misfit().map(why -> Rejection.invalid(path + ": " + why));
    }

    private Optional<Rejection> checkCluster(String path, List<QuotaConfig> configs, Rejection.Code beyondCapacity) {
        Map<String, Long> before = tree(registry.decided().quotas().values()).guaranteed();
        QuotaTree after = tree(with(configs));
        Map<String, Long> capacity = capacity();
        for (Map.Entry<String, Long> e : after.guaranteed().entrySet()) {
            long total = capacity.getOrDefault(e.getKey(), 0L);
            if (e.getValue() > before.getOrDefault(e.getKey(), 0L) && e.getValue() > total) {
                return Optional.of(new Rejection(
                        beyondCapacity,
                        path + ": all guarantees together would be " + new Scalar(e.getValue()) + " " + e.getKey()
                                + ", but the agents have " + new Scalar(total) + "; set force to do it nevertheless"));
            }
        }
        Set<String> changed = new HashSet<>();
        configs.forEach(config -> changed.add(config.getRole()));
        return after.excesses(QuotaConsumption.of(agents())).stream()
                .filter(excess -> changed.contains(excess.role()))
                .findFirst()
                .map(excess -> Rejection.invalid(path + ": role '" + excess.role() + "' consumes "
                        + excess.consumed() + " " + excess.name() + " already, more than the limit " + excess.limit()
                        + "; set force to do it nevertheless"));
    }

    /** Takes back the offers that keep the quotas from being held. */
    private void makeRoom() {
        List<OfferView> newestFirst = new ArrayList<>(cluster.offers.values());
        Collections.reverse(newestFirst);
        OffersInTheWay.find(
                        tree(registry.durable().quotas().values()),
                        QuotaConsumption.of(agents()),
                        cluster.allocator.freeUnreserved(),
                        newestFirst)
                .forEach(offer -> offers.rescind(offer, null));
    }

    private Collection<QuotaConfig> with(List<QuotaConfig> configs) {
        Map<String, QuotaConfig> all = new TreeMap<>(registry.decided().quotas());
        configs.forEach(config -> all.put(config.getRole(), config));
        return all.values();
    }

    private static QuotaTree tree(Collection<QuotaConfig> configs) {
        TreeMap<String, Quota> quotas = new TreeMap<>();
        configs.forEach(config -> quotas.put(config.getRole(), QuotaRules.quota(config)));
        return new QuotaTree(quotas);
    }

    private List<AgentView> agents() {
        return cluster.agents.values().stream().map(Agent::view).toList();
    }

    /** What all agents have together that is not revocable, those included that have yet to come back to this master. */
    private Map<String, Long> capacity() {
        Map<String, Long> capacity = new TreeMap<>();
        cluster.agents.values().forEach(agent -> addScalars(capacity, agent.total()));
        recoveredAgents.view().forEach(info -> addScalars(capacity, total(info)));
        return capacity;
    }

    private static void addScalars(Map<String, Long> sums, Resources resources) {
        resources.amounts().forEach((key, quantity) -> {
            if (quantity instanceof Scalar scalar && !key.revocable()) {
                sums.merge(key.name(), scalar.thousandths(), Long::sum);
            }
        });
    }

    private Set<String> notScalars() {
        Set<String> names = new HashSet<>(Set.of("ports"));
        cluster.agents
                .values()
                .forEach(agent -> agent.total().amounts().forEach((key, quantity) -> {
                    if (!(quantity instanceof Scalar)) {
                        names.add(key.name());
                    }
                }));
        return names;
    }

    private static Resources total(AgentInfo info) {
        return ResourceMessages.fromMessages(info.getResourcesList());
    }

    private static Optional<Rejection> refuse(String message) {
        return Optional.of(Rejection.invalid(message));
    }
}
