package io.paddock.executor.checks;

import io.paddock.executor.core.CheckOutcome;
import io.paddock.executor.core.ExecutorEffect.RunCheck;
import io.paddock.executor.core.Probe;
import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/** Runs any check; one for all tasks of an agent. */
public final class CheckRunner implements AutoCloseable {
    private final Connections connections = new Connections();
    private final HttpCheck http = new HttpCheck(connections);
    private final TcpCheck tcp = new TcpCheck(connections);

    /**
     * Runs one check.
     *
     * @param site of the check's task
     * @return never fails: what went wrong is an {@link CheckOutcome.Unanswered}
     */
    public CompletionStage<CheckOutcome> run(RunCheck check, CheckSite site) {
        CompletionStage<CheckOutcome> outcome;
        try {
            outcome = start(check, site);
        } catch (RuntimeException e) {
            outcome = CompletableFuture.failedFuture(e);
        }
        return outcome.exceptionally(failure -> unanswered(check, failure));
    }

    private CompletionStage<CheckOutcome> start(RunCheck check, CheckSite site) {
        if (check.probe() instanceof Probe.Command command) {
            return site.run(command.command(), check.timeout()).thenApply(CheckOutcome.CommandExited::new);
        }
        CompletableFuture<CheckOutcome> outcome = new CompletableFuture<>();
        connections.limit(outcome, check.timeout());
        if (check.probe() instanceof Probe.Http page) {
            http.get(site.network(), page, loopback(page.ipv6()), outcome);
        } else if (check.probe() instanceof Probe.Tcp port) {
            tcp.connect(site.network(), loopback(port.ipv6()), port.port(), outcome);
        }
        return outcome;
    }

    private static String loopback(boolean ipv6) {
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
        if (cause instanceof ConnectException) {
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

    /** What still runs is not answered. */
    @Override
    public void close() {
        connections.close();
    }
}
