package io.paddock.master.server;

import io.paddock.master.core.MasterEffect.Answer;
import io.paddock.master.core.allocator.Explanation;
import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.MasterFigures;
import io.paddock.platform.http.EventStream;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** What requests and links may ask of the leading master's actor. Any thread; every answer comes as a future. */
final class MasterShell implements ClusterFeed {
    private final ActorRef<MasterActor.Command> actor;
    private final PublishedSnapshot published;
    private final EventQueue queue;
    /** Names of requests that wait for their answer; nobody outside sees them. */
    private final AtomicLong requests = new AtomicLong();

    private final AtomicInteger unanswered = new AtomicInteger();
    private final AtomicInteger framesWaiting = new AtomicInteger();

    MasterShell(ActorRef<MasterActor.Command> actor, PublishedSnapshot published, EventQueue queue) {
        this.actor = actor;
        this.queue = queue;
        this.published = published;
    }

    /** Calls of schedulers and operators that wait for their answer, some of them for the registry. */
    int unansweredCalls() {
        return unanswered.get();
    }

    /** Frames of agents that the actor has not looked at yet. */
    int framesWaiting() {
        return framesWaiting.get();
    }

    private CompletableFuture<Answer> newAnswer() {
        unanswered.incrementAndGet();
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        answer.whenComplete((done, failure) -> unanswered.decrementAndGet());
        return answer;
    }

    @Override
    public ClusterSnapshot current() {
        return published.current();
    }

    @Override
    public CompletionStage<ClusterSnapshot> subscribe(Consumer<ClusterChange> listener) {
        CompletableFuture<ClusterSnapshot> answer = new CompletableFuture<>();
        queue.tell(actor, new MasterActor.Follow(listener, answer));
        return answer;
    }

    @Override
    public void unsubscribe(Consumer<ClusterChange> listener) {
        queue.tell(actor, new MasterActor.Unfollow(listener));
    }

    /** Opens a scheduler's stream if the answer says so. */
    CompletionStage<Answer> subscribe(
            Call call,
            String stream,
            @Nullable String givenStream,
            @Nullable String principal,
            EventStream<Event> events) {
        CompletableFuture<Answer> answer = newAnswer();
        actor.tell(new MasterActor.Subscribe(newRequest(), call, stream, givenStream, principal, events, answer));
        return answer;
    }

    void streamClosed(String stream) {
        queue.tell(actor, new MasterActor.StreamClosed(stream));
    }

    CompletionStage<Answer> scheduler(Call call, @Nullable String stream, @Nullable String principal) {
        CompletableFuture<Answer> answer = newAnswer();
        actor.tell(new MasterActor.SchedulerCall(newRequest(), call, stream, principal, answer));
        return answer;
    }

    CompletionStage<Answer> operator(io.paddock.proto.v1.master.Call call, @Nullable String principal) {
        CompletableFuture<Answer> answer = newAnswer();
        actor.tell(new MasterActor.OperatorCall(newRequest(), call, principal, answer));
        return answer;
    }

    @Override
    public CompletionStage<Explanation> why(String frameworkId, String role) {
        CompletableFuture<Explanation> answer = new CompletableFuture<>();
        queue.tell(actor, new MasterActor.AskWhy(frameworkId, role, answer));
        return answer;
    }

    @Override
    public CompletionStage<MasterFigures> figures() {
        CompletableFuture<MasterFigures> answer = new CompletableFuture<>();
        queue.tell(actor, new MasterActor.AskFigures(answer));
        return answer;
    }

    void linkOpened(String link, AgentLink out) {
        queue.tell(actor, new MasterActor.LinkOpened(link, out));
    }

    /**
     * Hands a frame over.
     *
     * @param principal whom the link was authenticated as
     * @param taken completed when the actor has taken it, for whom has to wait for that
     */
    CompletionStage<Done> agentSpoke(
            String link, @Nullable String principal, FromAgent message, CompletableFuture<Done> taken) {
        framesWaiting.incrementAndGet();
        taken.whenComplete((done, failure) -> framesWaiting.decrementAndGet());
        actor.tell(new MasterActor.AgentSpoke(link, principal, message, taken));
        return taken;
    }

    void linkClosed(String link) {
        queue.tell(actor, new MasterActor.LinkClosed(link));
    }

    private String newRequest() {
        return Long.toString(requests.incrementAndGet());
    }
}
