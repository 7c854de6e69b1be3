package io.paddock.master.core;

import io.paddock.master.core.allocator.Allocator;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.master.core.snapshot.OfferView;
import io.paddock.proto.v1.MasterInfo;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The master's books: every agent, framework and offer, and the ids it gives out. No rules. */
final class Cluster {
    final MasterConfig config;
    final MasterInfo master;
    final Allocator allocator;
    final Map<String, Agent> agents = new LinkedHashMap<>();
    final Map<String, Agent> agentsByLink = new HashMap<>();
    final Map<String, Framework> frameworks = new LinkedHashMap<>();
    final Map<String, Framework> frameworksByStream = new HashMap<>();
    /** Removed frameworks, oldest first. */
    final LinkedHashMap<String, FrameworkView> completedFrameworks = new LinkedHashMap<>();
    /** Outstanding offers, oldest first. */
    final LinkedHashMap<String, OfferView> offers = new LinkedHashMap<>();

    final Counters counters = new Counters();
    /** Hosts whose agents may be offered; null for all. */
    @Nullable
    Set<String> whitelist;

    Instant electedAt = Instant.EPOCH;

    private int nextFramework;
    private int nextAgent;
    private long nextOffer;
    private long nextOperation;

    Cluster(MasterConfig config, MasterInfo master, Allocator allocator) {
        this.config = config;
        this.master = master;
        this.allocator = allocator;
    }

    String newFrameworkId() {
        return String.format(Locale.ROOT, "%s-%04d", master.getId(), nextFramework++);
    }

    String newAgentId() {
        return master.getId() + "-S" + nextAgent++;
    }

    String newOfferId() {
        return master.getId() + "-O" + nextOffer++;
    }

    /** A name no other operation of this master has had. */
    String newOperationName() {
        return master.getId() + "/operation/" + nextOperation++;
    }

    @Nullable
    Framework framework(String id) {
        return frameworks.get(id);
    }

    @Nullable
    Agent agent(String id) {
        return agents.get(id);
    }

    /** The agent a task runs on. Tasks are only tracked while their agent is registered. */
    Agent agentOf(TrackedTask task) {
        Agent agent = agents.get(task.agentId);
        if (agent == null) {
            throw new IllegalStateException("task " + task.id + " of framework " + task.frameworkId
                    + " is tracked on agent " + task.agentId + ", which is not registered");
        }
        return agent;
    }

    void remember(FrameworkView completed) {
        completedFrameworks.put(completed.id(), completed);
        if (completedFrameworks.size() > config.maxCompletedFrameworks()) {
            Iterator<FrameworkView> oldest = completedFrameworks.values().iterator();
            oldest.next();
            oldest.remove();
        }
    }
}
