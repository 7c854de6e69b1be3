package io.paddock.master.core.allocator;

/**
 * Of how many agents at a time a client may have offers, so that nobody hoards what others wait for.
 *
 * <p><b>Rule.</b> There is no limit at first. Offers that come to nothing (expired or declined whole) halve it, starting from
 * what was outstanding; all offers made before the last halving count as one. An accepted offer doubles it and vouches for
 * those made with it. A revive lifts it: the scheduler says that it has a need.
 *
 * <ul>
 *   <li>After <b>declines</b> the limit only decides who comes first: a client that reached it is asked after all others, so
 *       what nobody else takes it is still offered at once. Declines with a filter leave it one agent at a time in its usual
 *       turn. Declining without a filter, that is wanting to be asked again at once, may take that away too; it has one agent
 *       in turn again a second later. Without that, whoever has the smallest share and no need would be asked for ever, and
 *       the others never.
 *   <li>After offers that <b>expired</b> the limit binds, down to one agent, whether somebody else waits or not: what is
 *       locked in an offer nobody answers is missing when somebody comes. Any answer makes it as mild as above.
 * </ul>
 *
 * <p>So nobody is starved: every client has at least one agent in its turn each second, and a client that uses what it is
 * offered has no limit. Example, 100 free agents: a scheduler leaves 100 offers unanswered and then is offered 50, 25, 12, 6,
 * 3, 1; it launches a task on that one, and has 2, 4, 8 … agents.
 */
final class Allowance {
    private static final int UNLIMITED = Integer.MAX_VALUE;
    /** More than any cluster has agents. */
    private static final int AMPLE = 1 << 20;

    private static final long REST_NANOS = 1_000_000_000L;

    private int most = UNLIMITED;
    private int outstanding;
    private boolean unanswered;
    private long servedAt;
    private long judgedUpTo = Long.MIN_VALUE;
    private long halvedAt;

    /** Offers not ended yet. */
    int outstanding() {
        return outstanding;
    }

    boolean isLimited() {
        return most != UNLIMITED;
    }

    /** The limit; only when there is one. */
    int most() {
        return most;
    }

    void offered(long now) {
        outstanding++;
        servedAt = now;
    }

    /** @param madeAt when the offer was made: the time of its run */
    void ended(OfferEnd end, long madeAt, long now) {
        int before = outstanding;
        outstanding = Math.max(0, outstanding - 1);
        switch (end) {
            case ACCEPTED:
                unanswered = false;
                judgedUpTo = servedAt;
                most = most >= AMPLE ? UNLIMITED : Math.max(1, most * 2);
                return;
            case DECLINED:
                unanswered = false;
                halve(before, 1, madeAt, now);
                return;
            case DECLINED_FOR_NOW:
                unanswered = false;
                halve(before, 0, madeAt, now);
                return;
            case EXPIRED:
                unanswered = true;
                halve(before, 1, madeAt, now);
                return;
            case TAKEN_BACK:
                return;
        }
        throw new IllegalStateException(end + " is no end of an offer");
    }

    private void halve(int before, int least, long madeAt, long now) {
        if (madeAt > judgedUpTo) {
            judgedUpTo = servedAt;
            halvedAt = now;
            most = Math.max(least, Math.min(most, before) / 2);
        }
    }

    /** The scheduler revived. That of one that answers nothing says little. */
    void revived() {
        if (!unanswered) {
            most = UNLIMITED;
        }
    }

    void reset() {
        most = UNLIMITED;
        unanswered = false;
    }

    /** Whether others are to be asked before this client. */
    boolean comesLast(long now) {
        return outstanding >= (most == 0 && now - halvedAt >= REST_NANOS ? 1 : most);
    }

    /** Whether it may have no further offer at all. */
    boolean isUsedUp() {
        return unanswered && outstanding >= most;
    }
}
