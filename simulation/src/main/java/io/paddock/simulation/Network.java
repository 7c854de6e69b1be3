package io.paddock.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Connections between processes, and which pairs of them cannot reach each other. */
final class Network {
    private static final double SLOW = 0.01;

    final World world;
    private final Set<String> partitions = new LinkedHashSet<>();
    private final List<Wire> wires = new ArrayList<>();
    private int wireIds;

    Network(World world) {
        this.world = world;
    }

    /** Milliseconds mostly, seconds now and then. */
    Duration latency() {
        return world.chance(SLOW) ? world.between(200, 3000) : world.between(1, 20);
    }

    boolean reaches(Node a, Node b) {
        return a.isUp() && b.isUp() && !partitions.contains(pair(a, b));
    }

    private static String pair(Node a, Node b) {
        return a.name.compareTo(b.name) < 0 ? a.name + "|" + b.name : b.name + "|" + a.name;
    }

    /** A new connection; the server's end must be given the messages as soon as this returns. */
    Wire connect(String kind, Node client, Wire.End clientEnd, Node server, Wire.End serverEnd) {
        wires.removeIf(wire -> !wire.isOpen());
        Wire wire = new Wire(this, kind + ++wireIds, client, clientEnd, server, serverEnd);
        wires.add(wire);
        return wire;
    }

    List<Wire> openWires() {
        wires.removeIf(wire -> !wire.isOpen());
        return List.copyOf(wires);
    }

    void partition(Node a, Node b, Duration duration) {
        String pair = pair(a, b);
        if (!partitions.add(pair)) {
            return;
        }
        world.log("network", "no way between " + a.name + " and " + b.name);
        for (Wire wire : openWires()) {
            if (wire.connects(a, b)) {
                breakDown(wire);
            }
        }
        world.after(duration, () -> {
            if (partitions.remove(pair)) {
                world.log("network", "a way again between " + a.name + " and " + b.name);
            }
        });
    }

    /** Both ends notice late, as with a cable that is cut. */
    void breakDown(Wire wire) {
        world.log("network", wire.id + " breaks");
        wire.sever(noticed(), noticed());
    }

    private Duration noticed() {
        return world.chance(0.5) ? world.between(0, 200) : world.between(200, 60_000);
    }

    /** The operating system closes the connections of a dead process at once. */
    void processGone(Node node) {
        for (Wire wire : openWires()) {
            if (wire.connects(node)) {
                wire.sever(latency(), latency());
            }
        }
    }

    void heal() {
        partitions.clear();
        world.log("network", "heals");
    }
}
