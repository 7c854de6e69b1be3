package io.paddock.client;

import io.paddock.proto.v1.scheduler.Call;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Calls on their way, so many at once: with one at a time the master sees them in the order they were made. Bounded. Owned
 * by the connection's thread.
 */
final class CallLane {
    /** A call and the promise of its outcome. */
    record Pending(Call call, CompletableFuture<Void> outcome) {
        void refuse(int status, String reason) {
            outcome.completeExceptionally(new CallRefusedException(call.getType(), status, reason));
        }
    }

    private final int capacity;
    private final Consumer<Pending> sender;
    private final Queue<Pending> waiting = new ArrayDeque<>();
    private final int width;
    private int underWay;

    /**
     * @param width how many may be under way at once
     * @param sender sends a call; {@link #next} must follow when it has been answered
     */
    CallLane(int width, int capacity, Consumer<Pending> sender) {
        this.width = width;
        this.capacity = capacity;
        this.sender = sender;
    }

    /** Whether so much waits that nothing should be read that leads to more. */
    boolean isCrowded() {
        return waiting.size() >= (capacity + 1) / 2;
    }

    void submit(Pending call) {
        if (underWay < width) {
            underWay++;
            sender.accept(call);
        } else if (waiting.size() < capacity) {
            waiting.add(call);
        } else {
            call.refuse(0, capacity + " calls are already waiting: the master is slower than this framework");
        }
    }

    /** A call under way was answered: send the next. */
    void next() {
        underWay--;
        Pending call = waiting.poll();
        if (call != null) {
            underWay++;
            sender.accept(call);
        }
    }

    /** The subscription is over: nothing that waits will be sent. */
    void drop(String reason) {
        for (Pending call = waiting.poll(); call != null; call = waiting.poll()) {
            call.refuse(0, reason);
        }
    }
}
