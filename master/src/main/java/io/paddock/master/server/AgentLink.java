package io.paddock.master.server;

import io.paddock.proto.link.ToAgent;
import org.apache.pekko.stream.BoundedSourceQueue;
import org.apache.pekko.stream.QueueOfferResult;

/**
 * The master's side of one agent's link: a bounded queue of frames. An agent too slow for it loses the link. On a link that has
 * ended, by whichever side, nothing happens any more.
 */
final class AgentLink {
    /** Frames that may wait for a slow agent; a burst of launches on one agent has to fit. */
    static final int MAX_WAITING = 16_384;

    private final BoundedSourceQueue<ToAgent> queue;

    AgentLink(BoundedSourceQueue<ToAgent> queue) {
        this.queue = queue;
    }

    void send(ToAgent message) {
        if (queue.offer(message) == QueueOfferResult.dropped()) {
            end(() ->
                    queue.fail(new IllegalStateException("The agent is too slow: " + MAX_WAITING + " messages wait")));
        }
    }

    /** Ends the link after what was sent. */
    void close() {
        end(queue::complete);
    }

    private static void end(Runnable how) {
        try {
            how.run();
        } catch (IllegalStateException e) {
            // The queue throws when the other side has ended it already, which is what was asked for.
        }
    }
}
