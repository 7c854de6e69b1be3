package io.paddock.executor.checks;

import io.netty.channel.ChannelInboundHandlerAdapter;
import io.paddock.executor.core.CheckOutcome;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Connects to a port and closes the connection again. */
final class TcpCheck {
    private final Connections connections;

    TcpCheck(Connections connections) {
        this.connections = connections;
    }

    /** A refused connection is an answer; no connection in time is none. */
    void connect(Optional<Path> network, String host, int port, CompletableFuture<CheckOutcome> outcome) {
        connections
                .connect(network, host, port, new ChannelInboundHandlerAdapter(), outcome)
                .whenComplete((channel, failure) -> {
                    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
                    if (cause == null || cause instanceof ConnectException) {
                        outcome.complete(new CheckOutcome.TcpTried(cause == null));
                    } else {
                        outcome.completeExceptionally(cause);
                    }
                });
    }
}
