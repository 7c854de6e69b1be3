package io.paddock.marathon.core.model;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The file system and isolation of an instance.
 *
 * @param type which containerizer is asked for
 * @param image the image, if any
 * @param portMappings ports of a network that is not the host's; empty on the host network
 * @param volumes directories of the host mounted into it
 * @param linuxInfo seccomp and IPC settings, if any
 */
public record Container(
        Type type,
        @Nullable Image image,
        List<PortMapping> portMappings,
        List<Volume> volumes,
        @Nullable LinuxInfo linuxInfo) {

    /** The app has no container: a plain command. */
    public static final Container NONE = new Container(Type.NONE, null, List.of(), List.of(), null);

    /** Which containerizer is asked for. */
    public enum Type {
        NONE,
        DOCKER,
        MESOS
    }

    /**
     * An image and how it is run.
     *
     * @param name repository, tag or digest
     * @param forcePull whether it is pulled at each start
     * @param parameters options of the Docker command line; DOCKER only
     */
    public record Image(String name, boolean forcePull, boolean privileged, List<Parameter> parameters) {
        public Image {
            parameters = List.copyOf(parameters);
        }
    }

    /** An option of the Docker command line. */
    public record Parameter(String key, String value) {}

    /**
     * A port of the container.
     *
     * @param containerPort 0 for the same number as the host port
     * @param hostPort absent for none, 0 for any
     * @param servicePort 0 until one is assigned
     * @param networkNames the networks it is on, when there are several
     */
    public record PortMapping(
            int containerPort,
            @Nullable Integer hostPort,
            int servicePort,
            String protocol,
            @Nullable String name,
            SortedMap<String, String> labels,
            List<String> networkNames) {
        public PortMapping {
            labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
            networkNames = List.copyOf(networkNames);
        }

        public PortMapping withServicePort(int number) {
            return new PortMapping(containerPort, hostPort, number, protocol, name, labels, networkNames);
        }
    }

    /**
     * A directory of the host mounted into the container.
     *
     * @param hostPath absolute, or relative to the sandbox
     */
    public record Volume(String containerPath, String hostPath, boolean readOnly) {}

    /**
     * Settings of the Linux kernel.
     *
     * @param seccompProfile name of a profile, if any
     * @param ipcMode {@code PRIVATE} or {@code SHARE_PARENT}
     * @param shmSize MiB of shared memory
     */
    public record LinuxInfo(
            @Nullable String seccompProfile,
            @Nullable Boolean seccompUnconfined,
            @Nullable String ipcMode,
            @Nullable Integer shmSize) {}

    public Container {
        portMappings = List.copyOf(portMappings);
        volumes = List.copyOf(volumes);
    }

    public Container withPortMappings(List<PortMapping> mappings) {
        return new Container(type, image, mappings, volumes, linuxInfo);
    }

    public boolean exists() {
        return type != Type.NONE;
    }
}
