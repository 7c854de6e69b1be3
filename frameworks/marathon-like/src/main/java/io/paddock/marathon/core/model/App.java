package io.paddock.marathon.core.model;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One version of the definition of an app, complete: every default is filled in, every id is absolute, every service
 * port is a number once it is stored.
 *
 * @param id where it is in the tree
 * @param instances how many should run
 * @param command what runs
 * @param sizing what each instance needs
 * @param placement where instances may run
 * @param networking how instances are reached
 * @param container the file system and isolation, or none for a plain command
 * @param checks how it is told whether an instance works
 * @param rollout how instances are started, replaced and stopped
 * @param dependencies apps and groups whose changes come before this app's in one deployment
 * @param labels free text for people and load balancers
 * @param version when this definition was made
 * @param versionInfo when it last changed in which way
 */
public record App(
        PathId id,
        int instances,
        Command command,
        Sizing sizing,
        Placement placement,
        Networking networking,
        Container container,
        Checks checks,
        Rollout rollout,
        List<PathId> dependencies,
        SortedMap<String, String> labels,
        Instant version,
        VersionInfo versionInfo) {

    /** Set by users on apps of which two instances must never run at once. */
    public static final String SINGLE_INSTANCE_LABEL = "MARATHON_SINGLE_INSTANCE_APP";

    /**
     * When the definition changed.
     *
     * @param lastScalingAt the last change of any kind
     * @param lastConfigChangeAt the last change of anything but the number of instances, or restart
     */
    public record VersionInfo(Instant lastScalingAt, Instant lastConfigChangeAt) {
        public static final VersionInfo NONE = new VersionInfo(Instant.EPOCH, Instant.EPOCH);
    }

    public App {
        dependencies = List.copyOf(dependencies);
        labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    }

    public App withInstances(int count) {
        return new App(
                id,
                count,
                command,
                sizing,
                placement,
                networking,
                container,
                checks,
                rollout,
                dependencies,
                labels,
                version,
                versionInfo);
    }

    public App withNetworking(Networking changed, Container changedContainer) {
        return new App(
                id,
                instances,
                command,
                sizing,
                placement,
                changed,
                changedContainer,
                checks,
                rollout,
                dependencies,
                labels,
                version,
                versionInfo);
    }

    public App withPlacement(Placement changed) {
        return new App(
                id,
                instances,
                command,
                sizing,
                changed,
                networking,
                container,
                checks,
                rollout,
                dependencies,
                labels,
                version,
                versionInfo);
    }

    public App at(Instant newVersion, VersionInfo info) {
        return new App(
                id,
                instances,
                command,
                sizing,
                placement,
                networking,
                container,
                checks,
                rollout,
                dependencies,
                labels,
                newVersion,
                info);
    }

    /** Whether nothing but the number of instances and the version differs: then running instances may stay. */
    public boolean sameConfig(App other) {
        return withInstances(0)
                .at(Instant.EPOCH, VersionInfo.NONE)
                .equals(other.withInstances(0).at(Instant.EPOCH, VersionInfo.NONE));
    }

    public boolean isSingleInstance() {
        return "true".equalsIgnoreCase(labels.get(SINGLE_INSTANCE_LABEL));
    }
}
