package io.paddock.client;

import io.paddock.client.HttpAnswers.HttpAnswer;
import io.paddock.client.core.ConnectionEvent;
import io.paddock.proto.recordio.RecordIO;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One try to be subscribed, and the subscription if it succeeds: events of its stream come in, calls go out.
 *
 * <p>While many calls wait to be sent no event is delivered and no byte asked for: so no acknowledgement is refused, and the master
 * holds back what else there is. Calls that are made while events are delivered leave together. Belongs to the connection's thread,
 * to which it takes all that it hears on others.
 */
final class Subscription {
    private final long attempt;
    private final ConnectionOptions options;
    private final SchedulerHttp http;
    private final ConnectionThread thread;
    private final Consumer<ConnectionEvent> happened;
    private final Stream stream = new Stream();
    private final EventReader reader = new EventReader(stream);
    private final RecordIO.Decoder decoder;
    private final Queue<byte[]> undelivered = new ArrayDeque<>();
    private boolean delivering;
    private boolean over;
    private @Nullable Runnable askForMore;
    private volatile @Nullable CompletableFuture<?> asked;
    private @Nullable Way out;

    /**
     * How calls get to the master.
     *
     * @param head of each
     */
    private record Way(String head, CallConnection calls) {}

    /** @param happened told on the connection's thread what comes of the try */
    Subscription(
            long attempt,
            ConnectionOptions options,
            SchedulerHttp http,
            ConnectionThread thread,
            Consumer<ConnectionEvent> happened) {
        this.attempt = attempt;
        this.options = options;
        this.http = http;
        this.thread = thread;
        this.happened = happened;
        this.decoder = new RecordIO.Decoder(options.maxEventBytes());
    }

    /** @param subscribe makes the call */
    void ask(String master, Supplier<Call> subscribe) {
        CompletableFuture<SchedulerHttp.Answer> answered = asked(master, subscribe);
        asked = answered;
        answered.whenComplete((answer, error) -> thread.execute(() -> {
            if (error != null) {
                happened.accept(
                        new ConnectionEvent.StreamBroke(attempt, "cannot reach " + master + ": " + Causes.of(error)));
            } else if (answer.streamId() == null) {
                happened.accept(new ConnectionEvent.SubscribeRefused(
                        attempt, answer.status(), answer.redirect(), answer.body()));
            }
        }));
    }

    private CompletableFuture<SchedulerHttp.Answer> asked(String master, Supplier<Call> subscribe) {
        try {
            return http.subscribe(master, subscribe.get(), stream, reader);
        } catch (RuntimeException | Error e) { // the caller's, or from an address that is none
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Answers whether the stream was opened, so that the call is on its way or has its outcome.
     *
     * @param outcome told once, on any thread; null when the call was taken
     */
    boolean send(Call call, FrameworkID id, Consumer<@Nullable CallRefusedException> outcome) {
        Way way = out;
        if (way == null) {
            return false;
        }
        byte[] bytes;
        try {
            bytes = http.request(way.head, call.toBuilder().setFrameworkId(id).build());
        } catch (RuntimeException e) { // such as without a field that it must have
            outcome.accept(CallRefusedException.notSent(call.getType(), "it cannot be written: " + Causes.of(e)));
            return true;
        }
        way.calls.add(new CallConnection.Request(call, bytes, outcome));
        if (!delivering) {
            way.calls.flush();
        }
        return true;
    }

    /** Whether events wait here for room for the calls they lead to. */
    boolean holdsBack() {
        return !undelivered.isEmpty();
    }

    /** Delivers events while there is room for the calls they lead to; asks for further ones when all are delivered. */
    private void goOn() {
        if (delivering) {
            return;
        }
        delivering = true;
        while (!undelivered.isEmpty() && (out == null || !out.calls.isCrowded())) {
            try {
                happened.accept(new ConnectionEvent.EventArrived(
                        attempt, options.encoding().decode(undelivered.remove(), Event.getDefaultInstance())));
            } catch (IllegalArgumentException e) {
                unreadable(e);
            }
        }
        delivering = false;
        if (out != null) {
            out.calls.flush();
        }
        if (undelivered.isEmpty() && askForMore != null) {
            Runnable more = askForMore;
            askForMore = null;
            more.run();
        }
    }

    private void unreadable(IllegalArgumentException e) {
        happened.accept(new ConnectionEvent.StreamBroke(attempt, "the stream cannot be read: " + e.getMessage()));
    }

    /** Ends it; what was not sent yet is refused. */
    void drop() {
        over = true;
        cancel();
        if (out != null) {
            out.calls.close("the subscription it was made on is over");
        }
    }

    /** Ends it when the calls taken before are answered, or the time is up; then the stage is done. */
    CompletionStage<Void> finish(Duration within) {
        over = true;
        CompletionStage<Void> answered = out == null
                ? CompletableFuture.completedStage(null)
                : out.calls.finish("the connection is closed", within);
        // The master takes calls only as long as there is the stream.
        return answered.whenComplete((done, error) -> cancel());
    }

    /** The stream, or the call for it that is not answered yet. Any thread. */
    private void cancel() {
        reader.cancel();
        CompletableFuture<?> call = asked;
        if (call != null) {
            call.cancel(true);
        }
    }

    /** Hears of the stream. */
    private final class Stream implements SchedulerHttp.StreamSink {
        @Override
        public void opened(String master, String streamId) {
            thread.execute(() -> {
                if (!over) {
                    out = new Way(http.head(master, streamId), http.calls(master, new Answers()));
                    happened.accept(new ConnectionEvent.StreamOpened(attempt));
                }
            });
        }

        @Override
        public void bytes(byte[] bytes, Runnable more) {
            thread.execute(() -> {
                try {
                    undelivered.addAll(decoder.decode(bytes));
                } catch (IllegalArgumentException e) {
                    unreadable(e);
                }
                askForMore = more;
                goOn();
            });
        }

        @Override
        public void ended(String reason) {
            thread.execute(() -> happened.accept(new ConnectionEvent.StreamBroke(attempt, reason)));
        }
    }

    /** Hears of the calls. */
    private final class Answers implements CallConnection.Listener {
        @Override
        public void answered(CallConnection.Request request, HttpAnswer given) {
            SchedulerHttp.Answer answer = SchedulerHttp.answer(given);
            if (answer.isTaken()) {
                request.taken();
                return;
            }
            CallRefusedException why =
                    CallRefusedException.answered(request.call().getType(), answer.status(), answer.body());
            request.refuse(why);
            if (why.endsSubscription()) {
                thread.execute(() -> happened.accept(
                        new ConnectionEvent.SubscriptionDenied(attempt, String.valueOf(why.getMessage()))));
            }
        }

        @Override
        public void broke(String reason) {
            thread.execute(
                    () -> happened.accept(new ConnectionEvent.StreamBroke(attempt, "calls were lost: " + reason)));
        }

        @Override
        public void roomAgain() {
            thread.execute(Subscription.this::goOn);
        }
    }
}
