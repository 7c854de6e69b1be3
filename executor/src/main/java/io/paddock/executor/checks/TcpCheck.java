package io.paddock.executor.checks;

import io.paddock.executor.core.CheckOutcome;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.StreamTcpException;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.Tcp;
import org.apache.pekko.util.ByteString;

/** Connects to a port and closes the connection again. */
final class TcpCheck {
    private final ActorSystem<?> system;

    TcpCheck(ActorSystem<?> system) {
        this.system = system;
    }

    CompletionStage<CheckOutcome> connect(String host, int port, Duration timeout) {
        Optional<Duration> limit = timeout.isZero() ? Optional.empty() : Optional.of(timeout);
        Source<ByteString, CompletableFuture<Optional<ByteString>>> untilClosed = Source.maybe();
        Pair<CompletableFuture<Optional<ByteString>>, CompletionStage<Tcp.OutgoingConnection>> running = untilClosed
                .viaMat(
                        Tcp.get(system)
                                .outgoingConnection(
                                        InetSocketAddress.createUnresolved(host, port),
                                        Optional.empty(),
                                        List.of(),
                                        false,
                                        limit,
                                        limit),
                        Keep.both())
                .to(Sink.ignore())
                .run(system);
        return running.second()
                .whenComplete((connection, failure) -> running.first().complete(Optional.empty()))
                .<CheckOutcome>thenApply(connection -> new CheckOutcome.TcpTried(true))
                .exceptionallyCompose(TcpCheck::refused);
    }

    /** A refused connection is an answer; no connection in time is none. */
    private static CompletionStage<CheckOutcome> refused(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof StreamTcpException) {
            return String.valueOf(cause.getMessage()).contains("timeout")
                    ? CompletableFuture.failedFuture(new TimeoutException())
                    : CompletableFuture.completedFuture(new CheckOutcome.TcpTried(false));
        }
        return CompletableFuture.failedFuture(cause);
    }
}
