package io.paddock.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waiting between two looks at a server, until somebody says that there is something to see. */
final class Pause {
    private volatile CountDownLatch latch = new CountDownLatch(1);

    /** Ends the current wait, or the next. */
    void end() {
        latch.countDown();
    }

    /** Waits; answers whether it was ended early. */
    boolean await(Duration atMost) {
        try {
            boolean ended = latch.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
            if (ended) {
                latch = new CountDownLatch(1);
            }
            return ended;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("interrupted");
        }
    }
}
