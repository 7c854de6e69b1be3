package io.paddock.agent.server;

import io.paddock.agent.core.AgentView;
import io.paddock.agent.server.http.RunningAgent;
import io.paddock.platform.http.EventStream;
import io.paddock.proto.v1.executor.Call;
import io.paddock.proto.v1.executor.Event;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** The agent's actor as its HTTP endpoints see it. */
record ActorAgent(ActorRef<AgentActor.Command> actor) implements RunningAgent {
    @Override
    public CompletionStage<AgentView> view() {
        CompletableFuture<AgentView> answer = new CompletableFuture<>();
        actor.tell(new AgentActor.ReadView(answer));
        return answer;
    }

    @Override
    public CompletionStage<HttpResponse> called(Call call, Optional<EventStream<Event>> stream) {
        CompletableFuture<HttpResponse> answer = new CompletableFuture<>();
        actor.tell(new AgentActor.Called(call, stream, answer));
        return answer;
    }
}
