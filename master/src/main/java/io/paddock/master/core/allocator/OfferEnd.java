package io.paddock.master.core.allocator;

/** How an offer ended. */
public enum OfferEnd {
    /** Something was launched on it, or made of it. */
    ACCEPTED,
    /** Declined whole, with a filter. */
    DECLINED,
    /** Declined whole, and the scheduler wants to be asked again at once (a filter of less than a second). */
    DECLINED_FOR_NOW,
    /** The scheduler did not answer in time. */
    EXPIRED,
    /** Rescinded, or gone with its agent or framework: says nothing about the scheduler. */
    TAKEN_BACK
}
