package io.paddock.marathon.core;

import io.paddock.common.resources.Resources;
import io.paddock.marathon.core.instance.Agent;
import io.paddock.marathon.core.instance.Condition;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.launch.AgentText;
import io.paddock.marathon.core.launch.Constraints;
import io.paddock.marathon.core.launch.Mismatch;
import io.paddock.marathon.core.launch.OfferMatcher;
import io.paddock.marathon.core.launch.OfferMatcher.Match;
import io.paddock.marathon.core.launch.OfferMatcher.Offered;
import io.paddock.marathon.core.launch.TaskFactory;
import io.paddock.marathon.core.model.App;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.scheduler.Call;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Uses offers for waiting instances: in rounds, each taking at most one instance of an app for an offer, so that instances
 * spread over agents. Apps that have waited longest come first. What is left is declined for long, since new demand asks
 * for offers again; see {@link Demand}.
 */
final class Offers {
    private static final int MAX_AGENTS_REMEMBERED = 50_000;
    private static final double SHORT_REFUSAL_SECONDS = 5;

    private final Timers timers;
    private final Settings settings;
    private final Demand demand;
    private final Reconciliation reconciliation;
    private final LinkedHashMap<String, Agent> agents = new LinkedHashMap<>();

    Offers(Timers timers, Settings settings, Demand demand, Reconciliation reconciliation) {
        this.timers = timers;
        this.settings = settings;
        this.demand = demand;
        this.reconciliation = reconciliation;
    }

    /** One offer while it is shared out. */
    private static final class Table {
        private final Offer offer;
        private final Agent agent;
        private final String role;
        private final boolean unavailable;
        private final List<TaskInfo> tasks = new ArrayList<>();
        private final Set<AppEntry> refusedBy = new LinkedHashSet<>();
        private final Set<AppEntry> usedBy = new LinkedHashSet<>();
        private Resources left;

        Table(Offer offer, boolean unavailable) {
            this.offer = offer;
            this.agent = AgentText.of(offer);
            this.role = offer.getAllocationInfo().getRole();
            this.unavailable = unavailable;
            this.left = ResourceMessages.fromMessages(offer.getResourcesList());
        }

        /** The same for all tasks of an offer, so that they get ports in a row: free ports stay in few ranges. */
        long seed() {
            return offer.getId().getValue().hashCode() & 0xFFFF_FFFFL;
        }
    }

    void onOffers(Turn turn, List<Offer> offers) {
        List<Table> tables = new ArrayList<>();
        for (Offer offer : offers) {
            boolean unavailable = OfferMatcher.isUnavailable(
                    offer.hasUnavailability(),
                    offer.getUnavailability().getStart().getNanoseconds(),
                    turn.now());
            Table table = new Table(offer, unavailable);
            remember(table.agent);
            tables.add(table);
        }
        List<AppEntry> waiting = new ArrayList<>(demand.launchable(turn.now()));
        waiting.sort(Comparator.comparing(AppEntry::waitingSince).thenComparing(AppEntry::id));
        boolean launched = true;
        while (launched && !waiting.isEmpty()) {
            launched = false;
            for (AppEntry entry : waiting) {
                launched |= placeOneEach(turn, entry, tables);
            }
            waiting.removeIf(entry -> entry.scheduled().isEmpty());
        }
        answer(turn, tables);
    }

    /** One round for one app: at most one instance on each offer. */
    private boolean placeOneEach(Turn turn, AppEntry entry, List<Table> tables) {
        boolean launched = false;
        for (Table table : tables) {
            if (entry.scheduled().isEmpty()) {
                break;
            }
            if (!table.refusedBy.contains(entry)) {
                launched |= place(turn, entry, table);
            }
        }
        return launched;
    }

    private boolean place(Turn turn, AppEntry entry, Table table) {
        String instanceId = entry.scheduled().iterator().next();
        Instance instance = entry.instance(instanceId);
        App app = instance == null ? null : entry.definitionOf(instance);
        if (instance == null || app == null) {
            return false;
        }
        Match match = OfferMatcher.match(
                app,
                new Offered(table.agent, table.role, table.unavailable, table.left),
                app.placement().constraints().isEmpty() ? List.of() : placed(entry),
                this::knownValues,
                table.seed());
        if (!match.fits()) {
            table.refusedBy.add(entry);
            if (!table.usedBy.contains(entry)) {
                entry.launchLog().refused(table.offer, match.mismatches(), turn.now());
                demand.refused(match.mismatches().contains(Mismatch.UNFULFILLED_CONSTRAINT));
            }
            return false;
        }
        Instance provisioned = instance.provisioned(table.agent, match.hostPorts(), turn.now());
        turn.record(provisioned);
        turn.publish(new Notice.InstanceMoved(provisioned, Condition.PROVISIONED));
        timers.set(TimerKey.of(Due.LAUNCH_OVERDUE, instanceId), turn.now().plus(settings.launchTimeout()));
        reconciliation.launched(provisioned.taskId());
        entry.setBackoff(entry.backoff().launched(app.rollout(), turn.now()));
        if (table.usedBy.add(entry)) {
            entry.launchLog().used(turn.now());
        }
        table.left = match.left();
        table.tasks.add(TaskFactory.task(app, provisioned, match.taken(), settings.envPrefix()));
        return true;
    }

    private void answer(Turn turn, List<Table> tables) {
        Call.Builder decline = Call.newBuilder().setType(Call.Type.DECLINE);
        boolean used = false;
        for (Table table : tables) {
            if (table.tasks.isEmpty()) {
                decline.getDeclineBuilder().addOfferIds(table.offer.getId());
            } else {
                used = true;
                turn.send(accept(table));
            }
        }
        if (decline.getDecline().getOfferIdsCount() > 0) {
            decline.getDeclineBuilder()
                    .getFiltersBuilder()
                    .setRefuseSeconds(settings.declineFor().toMillis() / 1000.0);
            turn.send(decline);
        }
        if (used) {
            demand.placedSome();
        }
    }

    private static Call.Builder accept(Table table) {
        Call.Builder call = Call.newBuilder().setType(Call.Type.ACCEPT);
        call.getAcceptBuilder()
                .addOfferIds(table.offer.getId())
                .addOperationsBuilder()
                .setType(Offer.Operation.Type.LAUNCH)
                .getLaunchBuilder()
                .addAllTaskInfos(table.tasks);
        call.getAcceptBuilder().getFiltersBuilder().setRefuseSeconds(SHORT_REFUSAL_SECONDS);
        return call;
    }

    private static List<Instance> placed(AppEntry entry) {
        return entry.instances().stream()
                .filter(i -> i.condition().isPlaced() && i.agent() != null)
                .toList();
    }

    /** The values of a constraint's field on all agents that were offered. */
    private Collection<String> knownValues(String field) {
        Set<String> values = new TreeSet<>();
        agents.values()
                .forEach(a -> Optional.ofNullable(Constraints.valueOf(field, a)).ifPresent(values::add));
        return values;
    }

    private void remember(Agent agent) {
        agents.remove(agent.id());
        agents.put(agent.id(), agent);
        if (agents.size() > MAX_AGENTS_REMEMBERED) {
            agents.remove(agents.keySet().iterator().next());
        }
    }

    /** Lost agents must not count for the even spread. */
    void agentLost(String agentId) {
        agents.remove(agentId);
    }

    /** What the tasks of a refused launch were. */
    static List<String> taskIds(Call call) {
        List<String> ids = new ArrayList<>();
        for (Offer.Operation operation : call.getAccept().getOperationsList()) {
            operation
                    .getLaunch()
                    .getTaskInfosList()
                    .forEach(t -> ids.add(t.getTaskId().getValue()));
        }
        return ids;
    }
}
