package io.paddock.agent.server.containers.networks;

/** A port of the host that leads to one of the container; protocol {@code tcp} or {@code udp}. */
public record PortMapping(int hostPort, int containerPort, String protocol) {
    /** The host's port as messages name it. */
    public String text() {
        return "host port " + hostPort + "/" + protocol;
    }
}
