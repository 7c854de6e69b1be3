package io.paddock.marathon.server.json;

import io.paddock.common.resources.Resources;
import io.paddock.marathon.core.AppView;
import io.paddock.marathon.core.launch.LaunchLog;
import io.paddock.marathon.core.launch.Mismatch;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Stamp;
import io.paddock.proto.domain.ResourceMessages;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** Says in a sentence why instances of an app wait. */
final class WaitReason {
    private WaitReason() {}

    /**
     * The sentence.
     *
     * @param connected whether there is a subscription to a master
     */
    static String of(AppView view, App app, boolean connected, Instant now) {
        if (!connected) {
            return "There is no connection to a master.";
        }
        if (view.backoff().until().isAfter(now)) {
            long seconds = Duration.between(now, view.backoff().until()).toSeconds() + 1;
            return "Waits " + seconds + " s more after failures"
                    + (view.lastFailure() == null
                            ? "."
                            : "; the last one: " + view.lastFailure().message());
        }
        List<LaunchLog.Refused> refused = view.launches().refused();
        if (refused.isEmpty()) {
            return "No offer has come since " + Stamp.format(view.waitingSince())
                    + ": no agent has anything free for role '"
                    + app.placement().role() + "'.";
        }
        StringBuilder text = new StringBuilder("The last offers of " + refused.size() + " agents did not fit:");
        for (LaunchLog.Level level : view.launches().lastOffers()) {
            if (level.declined() > 0) {
                text.append(' ')
                        .append(level.declined())
                        .append(" for ")
                        .append(level.reason().apiName())
                        .append(detail(level.reason(), app, refused))
                        .append(',');
            }
        }
        text.setCharAt(text.length() - 1, '.');
        return text.toString();
    }

    private static String detail(Mismatch reason, App app, List<LaunchLog.Refused> refused) {
        switch (reason) {
            case INSUFFICIENT_CPUS:
                return amounts(app.sizing().cpus(), "cpus", refused);
            case INSUFFICIENT_MEMORY:
                return amounts(app.sizing().mem(), "mem", refused);
            case INSUFFICIENT_DISK:
                return amounts(app.sizing().disk(), "disk", refused);
            case INSUFFICIENT_GPUS:
                return amounts(app.sizing().gpus(), "gpus", refused);
            case UNFULFILLED_ROLE:
                return " (the app takes offers of role '" + app.placement().role() + "')";
            case UNFULFILLED_CONSTRAINT:
                return " (" + app.placement().constraints().size() + " constraints)";
            case NO_CORRESPONDING_RESERVATION_FOUND:
            case AGENT_MAINTENANCE:
            case INSUFFICIENT_PORTS:
            case DECLINED_SCARCE_RESOURCES:
                return "";
        }
        throw new AssertionError(reason);
    }

    private static String amounts(double needed, String name, List<LaunchLog.Refused> refused) {
        double most = 0;
        for (LaunchLog.Refused r : refused) {
            Resources offered = ResourceMessages.fromMessages(r.offer().getResourcesList());
            most = Math.max(most, offered.scalar(name));
        }
        return String.format(Locale.ROOT, " (needs %s, the largest offer has %s)", plain(needed), plain(most));
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
