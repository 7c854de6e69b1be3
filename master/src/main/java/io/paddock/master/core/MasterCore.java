package io.paddock.master.core;

import io.paddock.common.Core;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.proto.v1.MasterInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The leading master. Built after the election; the first event is {@link MasterEvent.RegistryRecovered}.
 *
 * <p>Only routes: each kind of event goes to the class that owns the idea.
 */
public final class MasterCore implements Core<MasterEvent, MasterEffect> {
    private final MasterInfo info;

    public MasterCore(MasterConfig config, MasterInfo info) {
        this.info = info;
    }

    @Override
    public List<MasterEffect> on(Instant now, MasterEvent event) {
        return new ArrayList<>();
    }

    /** What readers may see, as of the events taken so far. */
    public ClusterSnapshot snapshot(Instant now) {
        return new ClusterSnapshot(
                info,
                now,
                now,
                List.of(),
                List.of(),
                new TreeMap<>(),
                new TreeMap<>(),
                List.of(),
                List.of(),
                new TreeMap<>());
    }
}
