package io.paddock.master.core.allocator;

import io.paddock.master.core.allocator.FrameworkTraits.Capability;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/** All clients under dense ids, which are reused, and as sets what some agents ask of them. */
final class Clients {
    private final List<Client> byId = new ArrayList<>();
    private final PriorityQueue<Integer> unused = new PriorityQueue<>();

    private final Bits used = new Bits();

    final Bits active = new Bits();
    /** Who was last offered less than was there, or nothing, for the sake of a limit, or of the guarantees of others. */
    final Bits cutByLimit = new Bits();

    final Bits cutByHeadroom = new Bits();
    /** For whom free resources may have become interesting that were not before. */
    final Bits woken = new Bits();

    private final Bits gpu = new Bits();
    private final Bits regionAware = new Bits();
    private final Bits multiRole = new Bits();
    private final Bits nested = new Bits();
    /** Those with a minimum of their own. */
    private final Bits ownMinimum = new Bits();
    /** Those with a constraint on agents. */
    final Bits constrained = new Bits();
    /** Those of packed roles. */
    final Bits packed = new Bits();

    private final Bits one = new Bits();
    /** Those with a limited allowance. */
    final Bits limited = new Bits();

    Client get(int id) {
        return byId.get(id);
    }

    /** All of them by id. */
    List<Client> all() {
        List<Client> all = new ArrayList<>();
        for (Client client : byId) {
            if (used.get(client.id)) {
                all.add(client);
            }
        }
        return all;
    }

    int nextId() {
        return unused.isEmpty() ? byId.size() : unused.peek();
    }

    void add(Client client) {
        used.set(client.id);
        if (client.id == byId.size()) {
            byId.add(client);
        } else {
            unused.remove();
            byId.set(client.id, client);
        }
    }

    void remove(Client client) {
        used.clear(client.id);
        woken.clear(client.id);
        limited.clear(client.id);
        cutByLimit.clear(client.id);
        cutByHeadroom.clear(client.id);
        unused.add(client.id);
    }

    void traitsChanged(Client client, boolean hasOwnMinimum) {
        Framework framework = client.framework;
        gpu.set(client.id, framework.can(Capability.GPU_RESOURCES));
        regionAware.set(client.id, framework.can(Capability.REGION_AWARE));
        multiRole.set(client.id, framework.can(Capability.MULTI_ROLE));
        nested.set(client.id, client.role.parent != null);
        ownMinimum.set(client.id, hasOwnMinimum);
        packed.set(client.id, client.packed);
        limited.set(client.id, client.allowance.isLimited());
    }

    /** Takes out of {@code candidates} all who cannot be offered this agent, whatever is free there. */
    void retainFitting(Bits candidates, Agent agent) {
        if (agent.excluded != null) {
            candidates.remove(agent.excluded);
        }
        if (agent.hidesFrom.contains(Agent.Barrier.GPU)) {
            candidates.retain(gpu);
        }
        if (agent.hidesFrom.contains(Agent.Barrier.REGION)) {
            candidates.retain(regionAware);
        }
        if (agent.hidesFrom.contains(Agent.Barrier.SINGLE_ROLE)) {
            candidates.remove(multiRole);
        }
        if (agent.hidesFrom.contains(Agent.Barrier.FLAT_ROLES)) {
            candidates.remove(nested);
        }
    }

    /** Whether the client can be offered this agent at all. */
    boolean fits(Client client, Agent agent) {
        one.clear();
        one.set(client.id);
        retainFitting(one, agent);
        return !one.isEmpty();
    }

    boolean hasOwnMinimum(Client client) {
        return ownMinimum.get(client.id);
    }

    void retainOwnMinimum(Bits candidates) {
        candidates.retain(ownMinimum);
    }
}
