package io.paddock.batch.server.http;

import io.paddock.batch.core.Answer;
import io.paddock.batch.core.Request;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The instance behind the HTTP interface. Thread safe. */
public interface Backend {
    /** Whether this instance leads, and so can be asked. */
    boolean leads();

    /** {@code host:port} of the leader, if one is known. */
    Optional<String> leader();

    /** {@code host:port} of this instance. */
    String address();

    /** Asks the core; fails when it does not answer in time. */
    CompletionStage<Answer> ask(Request request);
}
