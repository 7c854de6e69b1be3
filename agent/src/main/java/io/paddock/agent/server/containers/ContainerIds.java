package io.paddock.agent.server.containers;

import io.paddock.proto.v1.ContainerID;

/** Container ids as one word: the values from the root down, joined by dots. */
public final class ContainerIds {
    private ContainerIds() {}

    public static String text(ContainerID id) {
        return id.hasParent() ? text(id.getParent()) + "." + id.getValue() : id.getValue();
    }

    /** The outermost container of a nest. */
    public static ContainerID root(ContainerID id) {
        return id.hasParent() ? root(id.getParent()) : id;
    }

    /** Whether a container is nested in another one, however deep. */
    public static boolean isIn(ContainerID id, ContainerID outer) {
        return id.hasParent() && (id.getParent().equals(outer) || isIn(id.getParent(), outer));
    }

    public static ContainerID of(String value) {
        return ContainerID.newBuilder().setValue(value).build();
    }

    public static ContainerID nested(ContainerID parent, String value) {
        return ContainerID.newBuilder().setValue(value).setParent(parent).build();
    }
}
