package io.paddock.master.core.allocator;

import io.paddock.common.resources.Resources;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One agent: what it has, what is free, who holds and who refused what. */
final class Agent {
    /** What keeps some frameworks from an agent, whatever is free there. */
    enum Barrier {
        /** Has GPUs: for frameworks with GPU_RESOURCES. */
        GPU,
        /** In another region: for frameworks that are REGION_AWARE. */
        REGION,
        /** Lacks MULTI_ROLE: for frameworks that lack it too. */
        SINGLE_ROLE,
        /** Lacks HIERARCHICAL_ROLE: for roles without parents. */
        FLAT_ROLES
    }

    final int index;
    final String id;
    final long hash;
    final Set<Barrier> hidesFrom = EnumSet.noneOf(Barrier.class);
    AgentTraits traits = AgentTraits.MODERN;
    /** Clients whose constraints it does not meet; null while there are none. */
    @Nullable
    Bits excluded;

    /** Connected and not deactivated. */
    boolean activated;
    /** Named in the whitelist, or there is none. */
    boolean listed = true;
    /** Both: it may be offered. */
    boolean active;

    Bag total = Bag.EMPTY;
    Bag free = Bag.EMPTY;
    /** What was offered last: it usually comes back as it was. */
    Bag lastOffered = Bag.EMPTY;

    @Nullable
    Refusals refusals;

    /** The client that waits for enough to be free here. */
    @Nullable
    Client heldFor;

    private @Nullable String kind;
    private int[] holders = new int[2];
    private Bag[] holdings = new Bag[2];
    private int count;

    Agent(int index, String id) {
        this.index = index;
        this.id = id;
        long h = 1125899906842597L;
        for (int i = 0; i < id.length(); i++) {
            h = 31 * h + id.charAt(i);
        }
        this.hash = h;
    }

    void setBarriers(AgentTraits traits, Resources resources, AllocatorOptions options) {
        String home = options.region();
        String region = traits.region();
        setBarrier(Barrier.GPU, options.filterGpuResources() && resources.thousandths("gpus") > 0);
        setBarrier(Barrier.REGION, home != null && region != null && !region.equals(home));
        setBarrier(Barrier.SINGLE_ROLE, !traits.capabilities().contains(AgentTraits.Capability.MULTI_ROLE));
        setBarrier(Barrier.FLAT_ROLES, !traits.capabilities().contains(AgentTraits.Capability.HIERARCHICAL_ROLE));
    }

    private void setBarrier(Barrier barrier, boolean there) {
        if (there) {
            hidesFrom.add(barrier);
        } else {
            hidesFrom.remove(barrier);
        }
    }

    /** What agents like this one have, for people: resources in total, attributes, fault domain. */
    String kind(ScalarNames names) {
        String known = kind;
        if (known == null) {
            StringBuilder text = new StringBuilder(
                    names.resources(total.quantities(names), Resources.EMPTY).toString());
            new TreeMap<>(traits.attributes())
                    .forEach((name, value) -> text.append(' ')
                            .append(name)
                            .append(value.map(each -> "=" + each).orElse("")));
            if (traits.region() != null) {
                text.append(" region ").append(traits.region());
            }
            if (traits.zone() != null) {
                text.append(" zone ").append(traits.zone());
            }
            known = text.toString();
            kind = known;
        }
        return known;
    }

    /** Its total or its traits changed. */
    void kindChanged() {
        kind = null;
    }

    /** Notes whether the agent meets a constraint; null is met by all. */
    void judge(int client, @Nullable AgentConstraint constraint) {
        exclude(client, constraint != null && !constraint.test(traits));
    }

    void exclude(int client, boolean exclude) {
        if (exclude && excluded == null) {
            excluded = new Bits();
        }
        if (excluded != null) {
            excluded.set(client, exclude);
        }
    }

    /** Answers true if the client held nothing here before. */
    boolean hold(int client, Bag bag) {
        int at = find(client);
        if (at >= 0) {
            holdings[at] = holdings[at].plus(bag);
            return false;
        }
        if (count == holders.length) {
            holders = Arrays.copyOf(holders, count * 2);
            holdings = Arrays.copyOf(holdings, count * 2);
        }
        holders[count] = client;
        holdings[count++] = bag;
        return true;
    }

    /** Answers true if the client holds nothing here any more; it must hold the bag. */
    boolean release(int client, Bag bag) {
        int at = find(client);
        Bag left = holdings[at].minus(bag);
        if (!left.isEmpty()) {
            holdings[at] = left;
            return false;
        }
        count--;
        System.arraycopy(holders, at + 1, holders, at, count - at);
        System.arraycopy(holdings, at + 1, holdings, at, count - at);
        holdings[count] = Bag.EMPTY;
        return true;
    }

    Bag held(int client) {
        int at = find(client);
        return at < 0 ? Bag.EMPTY : holdings[at];
    }

    int holders() {
        return count;
    }

    int holder(int i) {
        return holders[i];
    }

    Bag held() {
        Bag sum = Bag.EMPTY;
        for (int i = 0; i < count; i++) {
            sum = sum.plus(holdings[i]);
        }
        return sum;
    }

    private int find(int client) {
        for (int i = 0; i < count; i++) {
            if (holders[i] == client) {
                return i;
            }
        }
        return -1;
    }
}
