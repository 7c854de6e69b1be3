package io.paddock.master.server;

import io.paddock.master.core.allocator.Explanation;
import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.MasterFigures;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** How the read side sees the leading master. Any thread. */
public interface ClusterFeed {
    /** The newest published snapshot, at most some tens of milliseconds old. Never blocks. */
    ClusterSnapshot current();

    /**
     * Subscribes to changes, as the operator API's event stream needs it: the answered snapshot is the state right before
     * the first change given to the listener, nothing is missed in between.
     *
     * @param listener called in order on the master's thread, must not block nor throw
     */
    CompletionStage<ClusterSnapshot> subscribe(Consumer<ClusterChange> listener);

    /** Why a framework is offered nothing in a role just now; costs the master one look at every agent. */
    CompletionStage<Explanation> why(String frameworkId, String role);

    /** What metrics tell of allocator and frameworks. */
    CompletionStage<MasterFigures> figures();

    /** Ends a subscription; unknown listeners are ignored. */
    void unsubscribe(Consumer<ClusterChange> listener);
}
