package io.paddock.master.server;

import io.paddock.master.core.snapshot.ClusterSnapshot;

/** Hands the newest snapshot from the master's actor to readers, by reference. */
final class PublishedSnapshot {
    private volatile ClusterSnapshot current;

    PublishedSnapshot(ClusterSnapshot first) {
        this.current = first;
    }

    ClusterSnapshot current() {
        return current;
    }

    void publish(ClusterSnapshot snapshot) {
        current = snapshot;
    }
}
