package io.paddock.client;

import io.paddock.client.HttpAnswers.HttpAnswer;
import io.paddock.proto.v1.scheduler.Call;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one subscription, on one connection and without waiting for the answers to those before (pipelining, RFC 9112
 * section 9.3.2): what was made meanwhile leaves in one piece, and the master handles and answers it in the order it was made.
 * Connects with the first call, and again after the connection has ended. Bounded.
 *
 * <p>Where the server has announced the end of the connection, which is to say that it has not looked at what followed, the rest
 * is sent again on another. When it ends otherwise before all was answered, those calls are refused, nothing more is taken, and
 * the listener is told. An idle connection is hung up before something on the way forgets it. Thread safe; nothing blocks the
 * caller.
 */
final class CallConnection {
    /**
     * A call and who is told its outcome.
     *
     * @param bytes as it is written on the wire
     * @param outcome told once, null when the call was taken; must not block
     */
    record Request(Call call, byte[] bytes, Consumer<@Nullable CallRefusedException> outcome) {
        void taken() {
            outcome.accept(null);
        }

        void refuse(CallRefusedException why) {
            outcome.accept(why);
        }

        void unsent(String reason) {
            refuse(CallRefusedException.notSent(call.getType(), reason));
        }
    }

    /** Who is told, on the threads of this connection; must not block. */
    interface Listener {
        void answered(Request call, HttpAnswer answer);

        /** It was crowded, and is not any more. */
        void roomAgain();

        /** Calls were lost and have been refused; no others are taken. What the framework believes may be wrong now. */
        void broke(String reason);
    }

    /** Opens the connection; may block. */
    interface Dialer {
        Wire connect() throws IOException;
    }

    /**
     * An open connection.
     *
     * @param raw can be closed while somebody writes; closing an SSLSocket would wait for that
     * @param socket what is read and written; with TLS around {@code raw}, without it the same
     */
    record Wire(Socket raw, Socket socket) {}

    /** How many calls may be on the way: so many are lost when the connection breaks. */
    private static final int MAX_UNANSWERED = 128;

    private static final int LOOK_EVERY_MILLIS = 5_000;

    private final Dialer dialer;
    private final int capacity;
    private final Duration answerWithin;
    private final Duration idleFor;
    private final Listener listener;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final Deque<Request> waiting = new ArrayDeque<>(); // guarded by this, as are the fields below
    private @Nullable Line line;
    private @Nullable Thread writer;
    private @Nullable String closedBecause; // nothing more is taken
    private boolean abandoned; // nor is sent what waits

    /** One connection to the server, and what it has not answered yet. */
    private static final class Line {
        private final Wire wire;
        private final Deque<Request> unanswered =
                new ArrayDeque<>(); // guarded by the CallConnection, as is what follows
        private long progressAt = System.nanoTime();
        private boolean ending;

        Line(Wire wire) {
            this.wire = wire;
        }

        boolean takesMore() {
            return !ending && unanswered.size() < MAX_UNANSWERED;
        }
    }

    /**
     * Connects when there is something to send.
     *
     * @param capacity so many calls may wait
     * @param answerWithin the connection is given up when a call is not answered for so long
     * @param idleFor it is hung up when nothing was sent for so long; the next call connects again
     */
    CallConnection(Dialer dialer, int capacity, Duration answerWithin, Duration idleFor, Listener listener) {
        this.dialer = dialer;
        this.capacity = capacity;
        this.answerWithin = answerWithin;
        this.idleFor = idleFor;
        this.listener = listener;
    }

    /** Whether so much waits that nothing should be read that leads to more. */
    synchronized boolean isCrowded() {
        return waiting.size() >= crowd();
    }

    private int crowd() {
        return (capacity + 1) / 2;
    }

    /** Takes a call; it leaves with the next {@link #flush}. */
    void add(Request call) {
        String refusal;
        synchronized (this) {
            if (closedBecause != null) {
                refusal = closedBecause;
            } else if (waiting.size() >= capacity) {
                refusal = capacity + " calls are already waiting: the master is slower than this framework";
            } else {
                waiting.add(call);
                return;
            }
        }
        call.unsent(refusal);
    }

    /** Has sent what was added. */
    synchronized void flush() {
        if (waiting.isEmpty() || closedBecause != null) {
            return;
        }
        startWriter();
        notifyAll();
    }

    private synchronized void startWriter() {
        if (writer == null) {
            writer = start("paddock-calls", this::write);
        }
    }

    /** The subscription is over: nothing that waits is sent any more. */
    void close(String reason) {
        abandon(reason).forEach(call -> call.unsent(reason));
    }

    /** As {@link #close}, but what was taken before is sent; the stage is done when that is answered, or the time is up. */
    CompletionStage<Void> finish(String reason, Duration within) {
        synchronized (this) {
            closedBecause = reason;
            startWriter();
            notifyAll();
        }
        return done.copy()
                .completeOnTimeout(null, within.toMillis(), TimeUnit.MILLISECONDS)
                .thenRun(() -> close(reason));
    }

    /** Answers what waited. */
    private synchronized List<Request> abandon(String reason) {
        List<Request> left = new ArrayList<>(waiting);
        waiting.clear();
        closedBecause = closedBecause == null ? reason : closedBecause;
        abandoned = true;
        notifyAll();
        return left;
    }

    private static Thread start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void write() {
        try {
            while (awaitWork()) {
                Line current = connected();
                if (current != null) {
                    write(current, next(current));
                }
            }
        } catch (InterruptedException e) {
            close("the thread that sends calls was interrupted");
        } finally {
            done.complete(null);
        }
    }

    /** Waits until there is something to send, and room on the way; false when closed and all is answered. */
    private synchronized boolean awaitWork() throws InterruptedException {
        while (waiting.isEmpty() || (line != null && !line.takesMore())) {
            if (closedBecause != null && waiting.isEmpty() && (line == null || line.unanswered.isEmpty())) {
                if (line != null) {
                    hangUp(line);
                    line = null;
                }
                return false;
            }
            wait();
        }
        return true;
    }

    private @Nullable Line connected() {
        synchronized (this) {
            if (line != null) {
                return line;
            }
        }
        try {
            Line made = new Line(dialer.connect());
            HttpAnswers answers = answersOf(made);
            synchronized (this) {
                line = made;
            }
            start("paddock-answers", () -> read(made, answers));
            return made;
        } catch (IOException | RuntimeException e) { // the latter where there is no such address
            String reason = Causes.of(e);
            lost(List.of(), abandon(reason), reason);
            return null;
        }
    }

    private HttpAnswers answersOf(Line made) throws IOException {
        try {
            long lookEvery = Math.min(LOOK_EVERY_MILLIS, Math.min(answerWithin.toMillis(), idleFor.toMillis()));
            made.wire.socket().setSoTimeout((int) lookEvery);
            made.wire.socket().setTcpNoDelay(true);
            return new HttpAnswers(new Patient(made));
        } catch (IOException e) {
            hangUp(made);
            throw e;
        }
    }

    /** Moves what waits to what is on the way, as far as there is room. */
    private List<Request> next(Line current) {
        List<Request> calls = new ArrayList<>();
        boolean roomAgain;
        synchronized (this) {
            if (line != current) {
                return calls; // it has ended meanwhile; what waits needs another
            }
            boolean crowded = isCrowded();
            if (current.unanswered.isEmpty()) {
                current.progressAt = System.nanoTime();
            }
            while (!waiting.isEmpty() && current.takesMore()) {
                Request call = waiting.remove();
                current.unanswered.add(call);
                calls.add(call);
            }
            roomAgain = crowded && !isCrowded();
        }
        if (roomAgain) {
            listener.roomAgain();
        }
        return calls;
    }

    private void write(Line current, List<Request> calls) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        calls.forEach(call -> bytes.writeBytes(call.bytes()));
        try {
            bytes.writeTo(current.wire.socket().getOutputStream());
        } catch (IOException e) {
            // Answers that have come already are still read; then the thread that reads them finds the end.
            synchronized (this) {
                current.ending = true;
            }
            endOutput(current);
        }
    }

    private static void endOutput(Line current) {
        try {
            current.wire.raw().shutdownOutput();
        } catch (IOException e) {
            hangUp(current);
        }
    }

    private void read(Line current, HttpAnswers answers) {
        String broken = "its answers cannot be read";
        boolean announced = false;
        try {
            HttpAnswer answer = answers.next();
            while (answer != null && !announced) {
                announced = answer.last();
                answered(current, answer);
                answer = announced ? null : answers.next();
            }
            broken = "the master closed the connection before it answered";
        } catch (IOException e) {
            broken = "the connection broke: " + Causes.of(e);
        } finally {
            hangUp(current);
            ended(current, announced, broken);
        }
    }

    private void answered(Line current, HttpAnswer answer) throws IOException {
        Request call;
        synchronized (this) {
            call = current.unanswered.peek();
            current.progressAt = System.nanoTime();
        }
        if (call == null) {
            throw new IOException("an answer came that nothing was asked for: " + answer.status());
        }
        listener.answered(call, answer);
        synchronized (this) { // only now: who waits for the end is not to see it before the outcome is told
            current.unanswered.remove();
            if (current.unanswered.size() == MAX_UNANSWERED - 1 || closedBecause != null) {
                notifyAll();
            }
        }
    }

    /** @param announced by the last answer: what came behind it was not looked at */
    private void ended(Line current, boolean announced, String reason) {
        List<Request> lost;
        List<Request> behind = List.of();
        synchronized (this) {
            current.ending = true;
            while (announced && !abandoned && !current.unanswered.isEmpty()) {
                waiting.addFirst(current.unanswered.removeLast());
            }
            lost = List.copyOf(current.unanswered);
            if (!lost.isEmpty()) {
                behind = abandon(reason); // it must not arrive without the lost call before it
            }
        }
        lost(lost, behind, reason);
        synchronized (this) {
            current.unanswered.clear();
            if (line == current) {
                line = null;
            }
            notifyAll();
        }
    }

    private void lost(List<Request> unanswered, List<Request> unsent, String reason) {
        unanswered.forEach(
                call -> call.refuse(CallRefusedException.unanswered(call.call().getType(), reason)));
        unsent.forEach(call -> call.unsent(reason));
        if (!unanswered.isEmpty() || !unsent.isEmpty()) {
            listener.broke(reason);
        }
    }

    /** Bytes of a line, awaited as long as nothing is overdue. */
    private final class Patient extends InputStream {
        private final Line current;
        private final InputStream in;

        Patient(Line current) throws IOException {
            this.current = current;
            this.in = current.wire.socket().getInputStream();
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            while (true) {
                try {
                    return in.read(bytes, offset, length);
                } catch (SocketTimeoutException e) {
                    if (isToEnd(current)) {
                        return -1;
                    }
                }
            }
        }
    }

    private synchronized boolean isToEnd(Line current) throws SocketTimeoutException {
        long quiet = System.nanoTime() - current.progressAt;
        if (current.unanswered.isEmpty()) {
            current.ending |= quiet >= idleFor.toNanos();
            return current.ending;
        }
        if (quiet > answerWithin.toNanos()) {
            throw new SocketTimeoutException("no answer came within " + answerWithin.toSeconds() + " s");
        }
        return false;
    }

    private static void hangUp(Line current) {
        try {
            current.wire.raw().close();
        } catch (IOException e) {
            // it is of no more use either way
        }
    }
}
