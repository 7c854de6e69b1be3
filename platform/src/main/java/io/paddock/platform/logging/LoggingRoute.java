package io.paddock.platform.logging;

import io.paddock.common.DurationText;
import io.paddock.common.Rejection;
import io.paddock.platform.http.Responses;
import java.time.Duration;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.PathMatchers;
import org.apache.pekko.http.javadsl.server.Route;

/**
 * {@code /logging/toggle?level=N&duration=10mins}, GET or POST: logs that much for that long; without both it answers the
 * level. Rules as in Mesos.
 */
public final class LoggingRoute {
    private LoggingRoute() {}

    public static Route create() {
        return Directives.path(
                PathMatchers.segment("logging").slash("toggle"),
                () -> Directives.parameterOptional(
                        "level",
                        level -> Directives.parameterOptional(
                                "duration", duration -> Directives.complete(answer(level, duration)))));
    }

    private static HttpResponse answer(Optional<String> level, Optional<String> duration) {
        if (level.isEmpty() && duration.isEmpty()) {
            return Responses.text(
                    StatusCodes.OK, String.valueOf(Verbosity.process().level()));
        }
        if (level.isEmpty() || duration.isEmpty()) {
            String missing = level.isEmpty() ? "level" : "duration";
            return Responses.rejected(Rejection.invalid("Expecting '" + missing + "=value' in query"));
        }
        long wanted;
        Duration time;
        try {
            wanted = Long.parseLong(level.get());
            time = DurationText.parse(duration.get());
        } catch (IllegalArgumentException e) {
            return Responses.rejected(Rejection.invalid(
                    "level, duration: '" + level.get() + "', '" + duration.get() + "': " + e.getMessage()));
        }
        return Verbosity.process().set(wanted, time).map(Responses::rejected).orElseGet(HttpResponse::create);
    }
}
