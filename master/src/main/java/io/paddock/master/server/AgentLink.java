package io.paddock.master.server;

import io.paddock.proto.link.ToAgent;
import org.apache.pekko.stream.BoundedSourceQueue;
import org.apache.pekko.stream.QueueOfferResult;

/** The master's side of one agent's link: a bounded queue of frames. An agent too slow for it loses the link. */
final class AgentLink {
    /** Frames that may wait for a slow agent; a burst of launches on one agent has to fit. */
    static final int MAX_WAITING = 16_384;

    private final BoundedSourceQueue<ToAgent> queue;

    AgentLink(BoundedSourceQueue<ToAgent> queue) {
        this.queue = queue;
    }

    void send(ToAgent message) {
        if (queue.offer(message) == QueueOfferResult.dropped()) {
            queue.fail(new IllegalStateException("The agent is too slow: " + MAX_WAITING + " messages wait"));
        }
    }

    /** Ends the link after what was sent. */
    void close() {
        queue.complete();
    }
}
