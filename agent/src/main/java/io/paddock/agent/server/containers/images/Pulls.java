package io.paddock.agent.server.containers.images;

import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.LaunchThreads;
import io.paddock.agent.server.containers.tools.Turns;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The pulls under way: a few of each registry at a time, each image's once however many wait for it. One that nobody waits for any
 * more goes on, as it is likely to be wanted again, until others wait for their turn.
 */
final class Pulls implements AutoCloseable {
    private static final int OF_EACH_REGISTRY = 4;
    private static final int OF_ALL_REGISTRIES = 32;
    private static final int MOST = 256;
    private static final long LOOK_MILLIS = 100;

    private final Turns turns = new Turns("image-pull", OF_EACH_REGISTRY, OF_ALL_REGISTRIES);
    /** Those with other credentials may be refused what others are given. */
    private final Map<String, Underway> underway = new HashMap<>();

    private static final class Underway {
        final CompletableFuture<StoredImage> image = new CompletableFuture<>();
        final Cancellation cancellation = new Cancellation();
        boolean begun;
        int wanting;
    }

    /** One pull. */
    interface Work {
        StoredImage pull(Cancellation cancellation) throws IOException;
    }

    /**
     * Waits for an image.
     *
     * @param key of all who may have the same one
     * @throws IOException with the registry's words
     */
    StoredImage await(String key, String registry, Work work, Cancellation cancellation) throws IOException {
        Underway pull = join(key, registry, work);
        try {
            return LaunchThreads.await(() -> result(pull, cancellation));
        } finally {
            leave(key, pull);
        }
    }

    private synchronized Underway join(String key, String registry, Work work) throws IOException {
        Underway pull = underway.get(key);
        if (pull == null) {
            pull = start(key, registry, work);
        }
        pull.wanting++;
        makeRoom();
        return pull;
    }

    private Underway start(String key, String registry, Work work) throws IOException {
        if (underway.size() == MOST) {
            throw new IOException("too many images are waiting to be pulled");
        }
        Underway pull = new Underway();
        try {
            pull.begun = turns.execute(registry, () -> carryOut(key, pull, work));
        } catch (RejectedExecutionException e) {
            throw new IOException("the agent is ending", e);
        }
        underway.put(key, pull);
        return pull;
    }

    private void carryOut(String key, Underway pull, Work work) {
        begin(pull);
        try {
            StoredImage image = work.pull(pull.cancellation);
            end(key, pull);
            pull.image.complete(image);
        } catch (Throwable e) { // also what is no Exception: somebody waits for the result
            end(key, pull);
            pull.image.completeExceptionally(e);
        }
    }

    private synchronized void begin(Underway pull) {
        pull.begun = true;
    }

    private synchronized void end(String key, Underway pull) {
        underway.remove(key, pull);
    }

    private synchronized void leave(String key, Underway pull) {
        pull.wanting--;
        if (pull.wanting == 0 && !pull.begun) {
            pull.cancellation.cancel();
            end(key, pull);
        }
        makeRoom();
    }

    private void makeRoom() {
        if (underway.values().stream().allMatch(pull -> pull.begun)) {
            return;
        }
        for (Iterator<Underway> pulls = underway.values().iterator(); pulls.hasNext(); ) {
            Underway pull = pulls.next();
            if (pull.wanting == 0) {
                pull.cancellation.cancel();
                pulls.remove();
            }
        }
    }

    private static StoredImage result(Underway pull, Cancellation cancellation) throws IOException {
        while (true) {
            cancellation.check();
            try {
                return pull.image.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // Still pulling: look whether the container is still wanted.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while an image was pulled");
            } catch (ExecutionException e) {
                throw new IOException(e.getCause().getMessage(), e.getCause());
            }
        }
    }

    @Override
    public synchronized void close() {
        turns.close();
        // Those that wait for their turn never get it.
        underway.values().forEach(pull -> pull.image.completeExceptionally(new IOException("the agent is ending")));
    }
}
