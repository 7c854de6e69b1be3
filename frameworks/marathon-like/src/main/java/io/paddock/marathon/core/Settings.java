package io.paddock.marathon.core;

import io.paddock.proto.v1.FrameworkInfo;
import java.time.Duration;
import java.util.List;

/**
 * How this marathon is set up.
 *
 * @param framework what the master is told of us; its roles are those subscribed to at least
 * @param portMin the lowest service port that is assigned
 * @param portMax the highest
 * @param maxDeployments refuse a change when so many deployments are under way
 * @param maxVersions of each app that are kept
 * @param envPrefix put before the names of HOST and PORT variables of tasks
 * @param declineFor for how long an offer nobody needs is not wanted again
 * @param minRevive between two wishes for offers
 * @param killRetry between two tries to kill
 * @param launchTimeout within which a launched instance must run
 * @param reconcileEvery between two questions about all tasks
 */
public record Settings(
        FrameworkInfo framework,
        int portMin,
        int portMax,
        int maxDeployments,
        int maxVersions,
        String envPrefix,
        Duration declineFor,
        Duration minRevive,
        Duration killRetry,
        Duration launchTimeout,
        Duration reconcileEvery) {

    /** Marathon's defaults, but offers are asked for again sooner. */
    public static Settings of(FrameworkInfo framework) {
        return new Settings(
                framework,
                10000,
                20000,
                100,
                50,
                "",
                Duration.ofSeconds(120),
                Duration.ofMillis(500),
                Duration.ofSeconds(30),
                Duration.ofMinutes(5),
                Duration.ofMinutes(10));
    }

    /** The role apps get that name none. */
    public String defaultRole() {
        List<String> roles = framework.getRolesList();
        return roles.isEmpty() ? "*" : roles.get(0);
    }
}
