package io.paddock.master.core.allocator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Who refused what of one agent until when. Sorted by client in parallel arrays, 16 bytes a refusal, because there may be
 * one for each pair of client and agent. As in Mesos each lasts as long as was asked for, whatever the client refuses later: it
 * has up to four when none covers another, which is to say that it has refused more for a shorter time, or something else.
 *
 * <p>{@link #blocking} answers for all clients at once: those with a refusal that covers everything they would see of the agent
 * now. It is brought up to date at the first look after that may have changed. Clients that refused the same bag,
 * as all do that declined the same offer one after the other, are one set of bits and compared once.
 */
final class Refusals {
    /** What a client refuses beyond that costs it the refusal that would have ended first. */
    static final int MAX_OF_A_CLIENT = 4;

    private int[] clients = new int[4];
    private Bag[] refused = new Bag[4];
    private long[] until = new long[4];
    private int size;
    private final List<Group> groups = new ArrayList<>(1);
    private final Bits blocking = new Bits();
    private boolean stale;

    /** Those who refused one and the same bag. */
    private record Group(Bag bag, Bits clients) {}

    /** Answers how many more refusals there are now: none when a former one covers it, fewer when it covers several. */
    int put(int client, Bag bag, long deadline) {
        int before = size;
        int place = firstOf(client);
        int end = place;
        int soonest = place;
        while (end < size && clients[end] == client) {
            if (until[end] >= deadline && refused[end].contains(bag)) {
                return 0;
            }
            if (until[end] <= deadline && bag.contains(refused[end])) {
                removeAt(end);
            } else {
                soonest = until[end] < until[soonest] ? end : soonest;
                end++;
            }
        }
        if (end - place == MAX_OF_A_CLIENT) {
            removeAt(soonest);
        }
        insertAt(place, client, bag, deadline);
        return size - before;
    }

    /** Where the refusals of this client begin, or would. */
    private int firstOf(int client) {
        int at = Arrays.binarySearch(clients, 0, size, client);
        if (at < 0) {
            return -at - 1;
        }
        while (at > 0 && clients[at - 1] == client) {
            at--;
        }
        return at;
    }

    private void insertAt(int place, int client, Bag bag, long deadline) {
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
        stale = true;
    }

    private void removeAt(int at) {
        leaveGroup(clients[at], refused[at]);
        System.arraycopy(clients, at + 1, clients, at, size - at - 1);
        System.arraycopy(refused, at + 1, refused, at, size - at - 1);
        System.arraycopy(until, at + 1, until, at, size - at - 1);
        refused[--size] = Bag.EMPTY;
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

    /** Answers how many it had. */
    int remove(int client) {
        int before = size;
        int at = firstOf(client);
        while (at < size && clients[at] == client) {
            removeAt(at);
        }
        blocking.clear(client);
        return before - size;
    }

    /** Drops the refusals that are due. */
    void expire(long now, IntConsumer onExpired) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (until[i] <= now) {
                leaveGroup(clients[i], refused[i]);
                onExpired.accept(clients[i]);
            } else {
                clients[kept] = clients[i];
                refused[kept] = refused[i];
                until[kept++] = until[i];
            }
        }
        stale |= kept < size;
        Arrays.fill(refused, kept, size, Bag.EMPTY);
        size = kept;
    }

    long earliest() {
        long earliest = Deadlines.NEVER;
        for (int i = 0; i < size; i++) {
            earliest = Math.min(earliest, until[i]);
        }
        return earliest;
    }

    /** The client of each refusal. */
    void forEachClient(IntConsumer action) {
        for (int i = 0; i < size; i++) {
            action.accept(clients[i]);
        }
    }

    /** Until when this client refuses such an offer; 0 when it does not. */
    long refusedUntil(int client, Bag offer) {
        long latest = 0;
        for (int i = firstOf(client); i < size && clients[i] == client; i++) {
            if (until[i] > latest && refused[i].contains(offer)) {
                latest = until[i];
            }
        }
        return latest;
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
            if (covers) {
                blocking.set(clients[i]);
            }
        }
        return blocking;
    }
}
