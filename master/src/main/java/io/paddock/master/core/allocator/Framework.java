package io.paddock.master.core.allocator;

import java.util.TreeMap;

/** A framework and the roles it is, or was, subscribed to. */
final class Framework {
    final String id;
    final TreeMap<String, Client> clients = new TreeMap<>();
    FrameworkTraits traits;
    boolean active;
    /** Gone, and kept only for what it still holds. */
    boolean removed;

    Framework(String id, FrameworkTraits traits) {
        this.id = id;
        this.traits = traits;
    }

    boolean can(FrameworkTraits.Capability capability) {
        return traits.capabilities().contains(capability);
    }
}
