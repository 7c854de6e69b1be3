package io.paddock.master.core.allocator;

import io.paddock.common.resources.Resources;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Divides the free resources of the agents among the frameworks.
 *
 * <p>Methods named after events change the books and note what they make possible; {@link #allocate} then looks only at
 * that. The caller runs it a few milliseconds after {@link #hasWork} became true, so that a burst of events costs one run,
 * and at {@link #nextDeadline}. Resources handed in may carry an allocation role, which is ignored; those handed out never
 * do. Not thread safe.
 */
public final class Allocator {
    public Allocator(AllocatorOptions options) {}

    /**
     * A framework subscribed for the first time, or was recovered from agents that run its tasks (then inactive until it
     * subscribes).
     *
     * @throws IllegalStateException if it is known already
     */
    public void addFramework(String frameworkId, FrameworkTraits traits, boolean active) {
        throw new UnsupportedOperationException();
    }

    public boolean hasFramework(String frameworkId) {
        throw new UnsupportedOperationException();
    }

    /**
     * A framework subscribed again or changed: the traits replace the former ones, suppressed roles included. Filters of
     * roles it left are dropped; what it holds in them stays its own until recovered.
     */
    public void updateFramework(String frameworkId, FrameworkTraits traits) {
        throw new UnsupportedOperationException();
    }

    /** The framework is connected again and wants offers. */
    public void activateFramework(String frameworkId) {
        throw new UnsupportedOperationException();
    }

    /** The framework is disconnected: no offers; its filters are dropped, what it holds stays its own until recovered. */
    public void deactivateFramework(String frameworkId) {
        throw new UnsupportedOperationException();
    }

    /** The framework is gone. What it still holds stays taken until it is recovered piece by piece. */
    public void removeFramework(String frameworkId) {
        throw new UnsupportedOperationException();
    }

    /** No offers in these roles from now on; no roles means all roles. */
    public void suppress(String frameworkId, Collection<String> roles) {
        throw new UnsupportedOperationException();
    }

    /** Offers in these roles again, and their filters are dropped; no roles means all roles. */
    public void revive(String frameworkId, Collection<String> roles) {
        throw new UnsupportedOperationException();
    }

    /**
     * An agent registered, or came back with what runs on it.
     *
     * @param total all it has, without allocation roles
     * @param used what frameworks hold there; their agentId is ignored, their frameworks must be known
     * @throws IllegalStateException if the agent is known already or a framework is not
     */
    public void addAgent(
            String agentId, AgentTraits traits, Resources total, Collection<Allocation> used, boolean active) {
        throw new UnsupportedOperationException();
    }

    public boolean hasAgent(String agentId) {
        throw new UnsupportedOperationException();
    }

    /** An agent's totals or traits changed. Held resources stay held; what is free is the rest. */
    public void updateAgent(String agentId, AgentTraits traits, Resources total) {
        throw new UnsupportedOperationException();
    }

    /** The agent takes offers again (connected, reactivated). */
    public void activateAgent(String agentId) {
        throw new UnsupportedOperationException();
    }

    /** No offers of this agent (disconnected, draining, deactivated); what is held there stays held. */
    public void deactivateAgent(String agentId) {
        throw new UnsupportedOperationException();
    }

    /** The agent is gone, and with it all that is held there and all filters on it. */
    public void removeAgent(String agentId) {
        throw new UnsupportedOperationException();
    }

    /**
     * A framework holds resources that were not offered to it by {@link #allocate}: tasks found on an agent, or resources
     * taken by an operation of the operator.
     *
     * @throws IllegalStateException if the agent or framework is unknown
     */
    public void allocated(String frameworkId, String role, String agentId, Resources resources) {
        throw new UnsupportedOperationException();
    }

    /**
     * Resources are free again: declined, unused part of an accepted offer, rescinded or expired offer, ended task.
     * Nothing happens when the agent or the framework is gone already.
     *
     * @param refusedUntil the framework does not want to see the agent again in this role before that time, as long as
     *     the offer would be a subset of these resources; null for no filter
     * @throws IllegalStateException if the framework does not hold them
     */
    public void recover(
            String frameworkId, String role, String agentId, Resources resources, @Nullable Instant refusedUntil) {
        throw new UnsupportedOperationException();
    }

    /**
     * Part of what a framework holds turned into something else (reserve, unreserve, create, destroy): its holding and the
     * agent's total lose {@code from} and gain {@code to}.
     *
     * @throws IllegalStateException if the framework does not hold {@code from}
     */
    public void convert(String frameworkId, String role, String agentId, Resources from, Resources to) {
        throw new UnsupportedOperationException();
    }

    /**
     * The same for free resources, asked for by an operator.
     *
     * @return false, and nothing is changed, if {@code from} is not free now: rescind offers first
     */
    public boolean convertFree(String agentId, Resources from, Resources to) {
        throw new UnsupportedOperationException();
    }

    /** @param weight positive; 1 when never set; relative to the other roles below the same parent */
    public void setWeight(String role, double weight) {
        throw new UnsupportedOperationException();
    }

    /** {@link Quota#NONE} removes it. Takes effect with the next run; nothing held is taken away. */
    public void setQuota(String role, Quota quota) {
        throw new UnsupportedOperationException();
    }

    /** Whether something happened since the last run that may lead to an offer. */
    public boolean hasWork() {
        throw new UnsupportedOperationException();
    }

    /** When a filter ends and {@link #allocate} should be called although nothing else happened. */
    public Optional<Instant> nextDeadline() {
        throw new UnsupportedOperationException();
    }

    /**
     * Hands out what became possible since the last run.
     *
     * @param now ends the filters that are due; must not go backwards
     * @return the offers to make, those of one framework and role one after the other; they count as held until recovered
     */
    public List<Allocation> allocate(Instant now) {
        throw new UnsupportedOperationException();
    }

    /** Why the framework is offered nothing in this role as things stand. Looks at every agent; changes nothing. */
    public Explanation why(String frameworkId, String role, Instant now) {
        throw new UnsupportedOperationException();
    }

    /** What nobody holds on an agent; empty when it is unknown. */
    public Resources free(String agentId) {
        throw new UnsupportedOperationException();
    }

    /** What a framework holds in a role on an agent. */
    public Resources held(String frameworkId, String role, String agentId) {
        throw new UnsupportedOperationException();
    }

    /** The dominant share of a role, with all roles below it, before its weight: 0 to 1. */
    public double share(String role) {
        throw new UnsupportedOperationException();
    }
}
