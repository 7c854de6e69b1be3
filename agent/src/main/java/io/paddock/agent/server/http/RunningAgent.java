package io.paddock.agent.server.http;

import io.paddock.agent.core.AgentView;
import io.paddock.platform.http.EventStream;
import io.paddock.proto.v1.executor.Call;
import io.paddock.proto.v1.executor.Event;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** The agent behind the endpoints. From any thread. */
public interface RunningAgent {
    CompletionStage<AgentView> view();

    /** A call of the executor API; {@code stream} is what a SUBSCRIBE reads from when it is accepted. */
    CompletionStage<HttpResponse> called(Call call, Optional<EventStream<Event>> stream);
}
