package io.paddock.marathon.server.http;

import io.paddock.marathon.core.Answer;
import io.paddock.marathon.core.MarathonEvent.Origin;
import io.paddock.marathon.core.MarathonView;
import io.paddock.marathon.core.Request;
import io.paddock.marathon.server.EventHub;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Who leads, as the HTTP side sees it. Thread safe; set by the server, read by every request. */
public final class Leadership {
    /** The leader's side of a request: asks the actor. */
    public interface Desk {
        /** Asks for something; completes when the answer is durable. */
        CompletionStage<Answer> ask(Request request, Origin origin);

        /** What there is, durable. */
        default CompletionStage<MarathonView> view() {
            return ask(new Request.Look(), new Origin("", "")).thenCompose(answer -> {
                if (answer instanceof Answer.Seen seen) {
                    return CompletableFuture.completedStage(seen.view());
                }
                return CompletableFuture.failedStage(
                        answer instanceof Answer.Refused refused
                                ? Refused.of(refused.refusal())
                                : new IllegalStateException("no view but " + answer));
            });
        }

        /** Those who follow the events. */
        EventHub watchers();

        /** Gives the leadership up. */
        void abdicate(String reason);
    }

    private volatile @Nullable Desk desk;
    private volatile Optional<String> leader = Optional.empty();

    /** Where requests go when this process leads; absent when it does not. */
    public Optional<Desk> desk() {
        return Optional.ofNullable(desk);
    }

    /** The leader's {@code host:port}, if one is known. */
    public Optional<String> leader() {
        return leader;
    }

    public void lead(Desk own) {
        desk = own;
    }

    public void stopLeading() {
        desk = null;
    }

    public void follow(Optional<String> address) {
        leader = address;
    }
}
