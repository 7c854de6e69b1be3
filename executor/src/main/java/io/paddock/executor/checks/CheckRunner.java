package io.paddock.executor.checks;

import io.paddock.executor.core.CheckOutcome;
import io.paddock.executor.core.ExecutorEffect.RunCheck;
import io.paddock.executor.core.Probe;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.stream.StreamTcpException;
import org.jspecify.annotations.Nullable;

/** Runs any check; one for all tasks of an agent. */
public final class CheckRunner {
    private final CommandCheck commands;
    private final HttpCheck http;
    private final TcpCheck tcp;

    public CheckRunner(ActorSystem<?> system, CommandCheck commands) {
        this.commands = commands;
        this.http = new HttpCheck(system);
        this.tcp = new TcpCheck(system);
    }

    /** Runs one check. The answer never fails: what went wrong is an {@link CheckOutcome.Unanswered}. */
    public CompletionStage<CheckOutcome> run(RunCheck check) {
        CompletionStage<CheckOutcome> outcome;
        try {
            outcome = start(check);
        } catch (RuntimeException e) {
            outcome = CompletableFuture.failedFuture(e);
        }
        return outcome.exceptionally(failure -> unanswered(check, failure));
    }

    private CompletionStage<CheckOutcome> start(RunCheck check) {
        Probe probe = check.probe();
        if (probe instanceof Probe.Http page) {
            return http.get(page, host(check.address(), page.ipv6()), check.timeout());
        }
        if (probe instanceof Probe.Tcp port) {
            return tcp.connect(host(check.address(), port.ipv6()), port.port(), check.timeout());
        }
        return commands.run(check.taskId(), ((Probe.Command) probe).command(), check.timeout())
                .thenApply(CheckOutcome.CommandExited::new);
    }

    private static String host(@Nullable String address, boolean ipv6) {
        if (address != null) {
            return address;
        }
        return ipv6 ? "::1" : "127.0.0.1";
    }

    private static CheckOutcome unanswered(RunCheck check, Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof TimeoutException) {
            return new CheckOutcome.Unanswered("no answer within " + seconds(check.timeout()));
        }
        if (cause instanceof StreamTcpException) {
            return new CheckOutcome.Unanswered("cannot connect to port " + port(check.probe()));
        }
        String message = cause.getMessage();
        return new CheckOutcome.Unanswered(message == null ? cause.getClass().getSimpleName() : message);
    }

    private static int port(Probe probe) {
        if (probe instanceof Probe.Http page) {
            return page.port();
        }
        return probe instanceof Probe.Tcp tcp ? tcp.port() : 0;
    }

    private static String seconds(Duration timeout) {
        return timeout.toMillis() / 1000.0 + " s";
    }
}
