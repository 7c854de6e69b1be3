package io.paddock.platform.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens sockets inside of network namespaces. A socket belongs to the namespace it was made in for ever, whichever thread
 * uses it later, so that one thread which goes in and out serves any number of namespaces.
 *
 * <p>Nothing but the opening runs on that thread while it is inside. If it cannot come back it ends, and the next visit has
 * another one: a thread begins in the namespace of the one that starts it, so only callers start it.
 */
public final class NetworkNamespaces implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NetworkNamespaces.class);
    private static final Path OWN = Path.of("/proc/thread-self/ns/net");
    private static final int MOST_WAITING = 10_000;

    private final String name;
    private final Executor answers;
    private final BlockingQueue<Visit<?>> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
    private @Nullable Thread visitor; // guarded by this, as the next
    private boolean closed;

    /**
     * @param name of the thread
     * @param answers completes what visits give; must not start threads for it
     */
    public NetworkNamespaces(String name, Executor answers) {
        this.name = name;
        this.answers = answers;
    }

    /** What is done inside: short, never blocking, starting no thread. */
    @FunctionalInterface
    public interface Opening<T> {
        T open() throws IOException;
    }

    private record Visit<T>(Path namespace, Opening<T> opening, CompletableFuture<T> answer) {}

    /**
     * Opens something inside of a namespace.
     *
     * @param namespace the file that holds it, or that of a process below /proc
     * @return fails with an IOException that names what the kernel refused
     */
    public synchronized <T> CompletionStage<T> open(Path namespace, Opening<T> opening) {
        Visit<T> visit = new Visit<>(namespace, opening, new CompletableFuture<>());
        if (closed || !waiting.offer(visit)) {
            return CompletableFuture.failedFuture(
                    new IOException(closed ? "the agent is ending" : "too many wait to enter a network namespace"));
        }
        if (visitor == null) {
            Thread thread = new Thread(this::visitAll, name);
            thread.setDaemon(true);
            visitor = thread;
            thread.start();
        }
        return visit.answer();
    }

    private void visitAll() {
        try {
            int home = Linux.open(OWN);
            try {
                while (true) {
                    visit(waiting.take(), home);
                }
            } finally {
                Linux.close(home);
            }
        } catch (InterruptedException e) {
            ended(new IOException("the agent is ending"));
        } catch (IOException e) {
            LOG.error("A thread is lost in a network namespace: {}", e.toString());
            ended(e);
        }
    }

    /** Fails only when the thread is not where it was before. */
    private <T> void visit(Visit<T> visit, int home) throws IOException {
        try {
            enter(visit.namespace());
        } catch (IOException e) {
            answer(visit, CompletableFuture.failedFuture(e));
            return;
        }
        CompletableFuture<T> found = new CompletableFuture<>();
        try {
            found.complete(visit.opening().open());
        } catch (IOException | RuntimeException e) {
            found.completeExceptionally(e);
        }
        try {
            Linux.setns(home, Linux.CLONE_NEWNET, OWN);
        } finally {
            answer(visit, found);
        }
    }

    private <T> void answer(Visit<T> visit, CompletableFuture<T> found) {
        found.whenCompleteAsync(
                (opened, failure) -> {
                    if (failure == null) {
                        visit.answer().complete(opened);
                    } else {
                        visit.answer().completeExceptionally(failure);
                    }
                },
                answers);
    }

    private static void enter(Path namespace) throws IOException {
        int descriptor = Linux.open(namespace);
        try {
            Linux.setns(descriptor, Linux.CLONE_NEWNET, namespace);
        } finally {
            Linux.close(descriptor);
        }
    }

    private void ended(IOException why) {
        List<Visit<?>> left = new ArrayList<>();
        synchronized (this) {
            visitor = null;
            waiting.drainTo(left);
        }
        left.forEach(visit -> answer(visit, CompletableFuture.failedFuture(why)));
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (visitor != null) {
            visitor.interrupt();
        }
    }
}
