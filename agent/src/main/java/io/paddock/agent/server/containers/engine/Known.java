package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.proto.v1.ContainerID;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** The containers this process knows, by id and by the name of their record. Any thread. */
final class Known {
    private final ConcurrentMap<ContainerID, Held> held = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, ContainerID> ids = new ConcurrentHashMap<>();

    /** The one of the same id that was there before, which stays; null when there was none. */
    @Nullable
    Held add(Held fresh) {
        Held earlier = held.putIfAbsent(fresh.spec().id(), fresh);
        if (earlier == null) {
            ids.put(fresh.record().name(), fresh.spec().id());
        }
        return earlier;
    }

    void forget(Held gone) {
        ids.remove(gone.record().name());
        held.remove(gone.spec().id(), gone);
        gone.gone().complete(null);
    }

    @Nullable
    Held find(ContainerID id) {
        return held.get(id);
    }

    @Nullable
    Held named(String name) {
        ContainerID id = ids.get(name);
        return id == null ? null : held.get(id);
    }

    /** A view: all there are at any time. */
    Collection<Held> all() {
        return Collections.unmodifiableCollection(held.values());
    }

    /** In the order of their texts. */
    Set<ContainerID> ids() {
        Set<ContainerID> all = new TreeSet<>(Comparator.comparing(ContainerIds::text));
        all.addAll(held.keySet());
        return all;
    }

    List<Held> nestedIn(Held outer) {
        return held.values().stream()
                .filter(inner -> inner.spec().id().hasParent()
                        && inner.spec().id().getParent().equals(outer.spec().id()))
                .toList();
    }
}
