package io.paddock.client;

import io.paddock.proto.v1.FrameworkInfo;
import java.time.Duration;
import java.util.Set;

/**
 * What a driver says and does for its scheduler.
 *
 * @param connection where the master is
 * @param framework who we are; an id makes this the same framework as the one that had it before
 * @param suppressedRoles roles that want no offers from the start
 * @param explicitAcknowledgements whether the scheduler acknowledges statuses itself
 * @param declineUnusedFor for how long what it does not use of an offer is not offered to it again
 * @param reconcileFirst the pause before tasks are asked for again the first time; doubles from then on
 * @param reconcileMax upper bound of that pause
 */
public record DriverOptions(
        ConnectionOptions connection,
        FrameworkInfo framework,
        Set<String> suppressedRoles,
        boolean explicitAcknowledgements,
        Duration declineUnusedFor,
        Duration reconcileFirst,
        Duration reconcileMax) {

    /**
     * A framework of role {@code *} that runs as the user of this process, understands partitions, and has a minute to come
     * back after a lost connection before its tasks are killed.
     */
    public static DriverOptions of(String master, String name) {
        FrameworkInfo framework = FrameworkInfo.newBuilder()
                .setName(name)
                .setUser(System.getProperty("user.name"))
                .addRoles("*")
                .setFailoverTimeout(60)
                .addCapabilities(capability(FrameworkInfo.Capability.Type.MULTI_ROLE))
                .addCapabilities(capability(FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT))
                .addCapabilities(capability(FrameworkInfo.Capability.Type.PARTITION_AWARE))
                .addCapabilities(capability(FrameworkInfo.Capability.Type.TASK_KILLING_STATE))
                .build();
        return new DriverOptions(
                ConnectionOptions.to(master),
                framework,
                Set.of(),
                false,
                Duration.ofSeconds(5),
                Duration.ofSeconds(2),
                Duration.ofMinutes(1));
    }

    public DriverOptions withConnection(ConnectionOptions value) {
        return new DriverOptions(
                value,
                framework,
                suppressedRoles,
                explicitAcknowledgements,
                declineUnusedFor,
                reconcileFirst,
                reconcileMax);
    }

    public DriverOptions withFramework(FrameworkInfo value) {
        return new DriverOptions(
                connection,
                value,
                suppressedRoles,
                explicitAcknowledgements,
                declineUnusedFor,
                reconcileFirst,
                reconcileMax);
    }

    public DriverOptions withSuppressedRoles(Set<String> value) {
        return new DriverOptions(
                connection, framework, value, explicitAcknowledgements, declineUnusedFor, reconcileFirst, reconcileMax);
    }

    public DriverOptions withExplicitAcknowledgements() {
        return new DriverOptions(
                connection, framework, suppressedRoles, true, declineUnusedFor, reconcileFirst, reconcileMax);
    }

    public DriverOptions withDeclineUnusedFor(Duration value) {
        return new DriverOptions(
                connection, framework, suppressedRoles, explicitAcknowledgements, value, reconcileFirst, reconcileMax);
    }

    public DriverOptions withReconcileBackoff(Duration first, Duration max) {
        return new DriverOptions(
                connection, framework, suppressedRoles, explicitAcknowledgements, declineUnusedFor, first, max);
    }

    /** The framework as it subscribes: with the principal of its credential when it names none. */
    FrameworkInfo subscribing() {
        Credential credential = connection.credential();
        return credential == null || framework.hasPrincipal()
                ? framework
                : framework.toBuilder().setPrincipal(credential.principal()).build();
    }

    private static FrameworkInfo.Capability capability(FrameworkInfo.Capability.Type type) {
        return FrameworkInfo.Capability.newBuilder().setType(type).build();
    }
}
