package io.paddock.master.core.allocator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Who refused what of one agent until when. Sorted by client in parallel arrays, 16 bytes a refusal, because there may be
 * one for each pair of client and agent. Of a client that refused something else before, for longer, that is kept beside.
 *
 * <p>{@link #blocking} answers for all clients at once: those whose refusal covers everything they would see of the agent
 * now. It is brought up to date at the first look after the agent's free resources changed. Clients that refused the same bag,
 * as all do that declined the same offer one after the other, are one set of bits and compared once.
 */
final class Refusals {
    private int[] clients = new int[4];
    private Bag[] refused = new Bag[4];
    private long[] until = new long[4];
    private int size;
    /** By client: ends after the one in the arrays, which does not cover it. */
    private final Map<Integer, Refusal> longer = new HashMap<>(0);

    private final List<Group> groups = new ArrayList<>(1);
    private final Bits blocking = new Bits();
    private boolean stale;

    /** Those who refused one and the same bag. */
    private record Group(Bag bag, Bits clients) {}

    private record Refusal(Bag bag, long until) {
        boolean covers(Refusal other) {
            return until >= other.until && bag.contains(other.bag);
        }
    }

    /** Answers whether it is the first of this client; one that a former covers changes nothing. */
    boolean put(int client, Bag bag, long deadline) {
        int at = Arrays.binarySearch(clients, 0, size, client);
        stale = true;
        if (at >= 0) {
            putBeside(at, new Refusal(bag, deadline));
            return false;
        }
        int place = -at - 1;
        if (size == clients.length) {
            int capacity = size + (size >> 1);
            clients = Arrays.copyOf(clients, capacity);
            refused = Arrays.copyOf(refused, capacity);
            until = Arrays.copyOf(until, capacity);
        }
        System.arraycopy(clients, place, clients, place + 1, size - place);
        System.arraycopy(refused, place, refused, place + 1, size - place);
        System.arraycopy(until, place, until, place + 1, size - place);
        clients[place] = client;
        refused[place] = bag;
        until[place] = deadline;
        size++;
        joinGroup(client, bag);
        return true;
    }

    /** Of the former ones the longest is kept, unless the new one covers it. */
    private void putBeside(int at, Refusal added) {
        int client = clients[at];
        Refusal shorter = new Refusal(refused[at], until[at]);
        Refusal beside = longer.get(client);
        if (shorter.covers(added) || (beside != null && beside.covers(added))) {
            return;
        }
        leaveGroup(client, shorter.bag);
        if (beside != null) {
            leaveGroup(client, beside.bag);
            longer.remove(client);
        }
        Refusal former = beside == null ? shorter : beside;
        Refusal first = added;
        if (!added.covers(former)) {
            boolean before = added.until < former.until;
            first = before ? added : former;
            Refusal second = before ? former : added;
            longer.put(client, second);
            joinGroup(client, second.bag);
        }
        refused[at] = first.bag;
        until[at] = first.until;
        joinGroup(client, first.bag);
    }

    private void joinGroup(int client, Bag bag) {
        Group group = groupOf(bag);
        if (group == null) {
            group = new Group(bag, new Bits());
            groups.add(group);
        }
        group.clients.set(client);
    }

    private void leaveGroup(int client, Bag bag) {
        Group group = groupOf(bag);
        if (group != null) {
            group.clients.clear(client);
            if (group.clients.isEmpty()) {
                groups.remove(group);
            }
        }
    }

    private @Nullable Group groupOf(Bag bag) {
        for (Group group : groups) {
            if (group.bag == bag) {
                return group;
            }
        }
        return null;
    }

    boolean remove(int client) {
        int at = Arrays.binarySearch(clients, 0, size, client);
        if (at < 0) {
            return false;
        }
        blocking.clear(client);
        leaveGroup(client, refused[at]);
        Refusal beside = longer.remove(client);
        if (beside != null) {
            leaveGroup(client, beside.bag);
        }
        System.arraycopy(clients, at + 1, clients, at, size - at - 1);
        System.arraycopy(refused, at + 1, refused, at, size - at - 1);
        System.arraycopy(until, at + 1, until, at, size - at - 1);
        refused[--size] = Bag.EMPTY;
        return true;
    }

    /** Drops the refusals that are due. */
    void expire(long now, IntConsumer onExpired) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (until[i] <= now) {
                blocking.clear(clients[i]);
                leaveGroup(clients[i], refused[i]);
                outlast(i);
            }
            if (until[i] <= now) {
                leaveGroup(clients[i], refused[i]);
                onExpired.accept(clients[i]);
            } else {
                clients[kept] = clients[i];
                refused[kept] = refused[i];
                until[kept++] = until[i];
            }
        }
        Arrays.fill(refused, kept, size, Bag.EMPTY);
        size = kept;
    }

    /** Puts the one that lasts longer into the place of one that has ended, if there is one. */
    private void outlast(int at) {
        Refusal beside = longer.remove(clients[at]);
        if (beside != null) {
            refused[at] = beside.bag;
            until[at] = beside.until;
            stale = true;
        }
    }

    long earliest() {
        long earliest = Deadlines.NEVER;
        for (int i = 0; i < size; i++) {
            earliest = Math.min(earliest, until[i]);
        }
        return earliest;
    }

    void forEachClient(IntConsumer action) {
        for (int i = 0; i < size; i++) {
            action.accept(clients[i]);
        }
    }

    /** Until when this client refuses such an offer; 0 when it does not. */
    long refusedUntil(int client, Bag offer) {
        int at = Arrays.binarySearch(clients, 0, size, client);
        if (at < 0) {
            return 0;
        }
        Refusal beside = longer.isEmpty() ? null : longer.get(client);
        if (beside != null && beside.bag.contains(offer)) {
            return beside.until;
        }
        return refused[at].contains(offer) ? until[at] : 0;
    }

    void freeChanged() {
        stale = true;
    }

    /**
     * Those whose refusal covers all they would see of the agent now.
     *
     * @param free what is free there
     * @param visible what a client may see of it; asked only if that is not the same for all
     */
    Bits blocking(Bag free, IntFunction<Bag> visible) {
        if (!stale) {
            return blocking;
        }
        stale = false;
        blocking.clear();
        if (!free.isSpecial()) {
            for (Group group : groups) {
                if (group.bag.contains(free)) {
                    blocking.add(group.clients);
                }
            }
            return blocking;
        }
        Bag lastRefused = Bag.EMPTY;
        Bag lastSeen = Bag.EMPTY;
        boolean covers = true;
        for (int i = 0; i < size; i++) {
            Bag seen = visible.apply(clients[i]);
            if (refused[i] != lastRefused || seen != lastSeen) {
                lastRefused = refused[i];
                lastSeen = seen;
                covers = lastRefused.contains(lastSeen);
            }
            blocking.set(clients[i], covers);
        }
        longer.forEach((client, refusal) -> {
            if (refusal.bag.contains(visible.apply(client))) {
                blocking.set(client);
            }
        });
        return blocking;
    }
}
