package io.paddock.simulation;

import com.google.protobuf.MessageLite;
import java.time.Duration;
import java.time.Instant;

/**
 * A connection: an ordered stream of messages in each direction that arrives, or breaks and loses what is under way. Each
 * end learns of the break in its own time.
 */
final class Wire {
    /** One end of it. */
    interface End {
        void received(MessageLite message);

        void closed(String why);
    }

    final String id;
    private final Network network;
    private final Side client;
    private final Side server;
    private boolean broken;

    /** An end, the process it belongs to, and when the last message sent to it arrives. */
    private static final class Side {
        final Node node;
        final int life;
        End end;
        Instant arrival = Instant.EPOCH;
        boolean open = true;

        Side(Node node, End end) {
            this.node = node;
            this.life = node.life();
            this.end = end;
        }

        boolean isAlive() {
            return open && node.life() == life;
        }
    }

    Wire(Network network, String id, Node client, End clientEnd, Node server, End serverEnd) {
        this.network = network;
        this.id = id;
        this.client = new Side(client, clientEnd);
        this.server = new Side(server, serverEnd);
    }

    boolean connects(Node node) {
        return client.node == node || server.node == node;
    }

    boolean connects(Node a, Node b) {
        return connects(a) && connects(b);
    }

    boolean isOpen() {
        return client.open || server.open;
    }

    void toServer(MessageLite message) {
        send(client, server, message);
    }

    void toClient(MessageLite message) {
        send(server, client, message);
    }

    private void send(Side from, Side to, MessageLite message) {
        if (!from.isAlive()) {
            return;
        }
        deliver(to, () -> {
            network.world.trace.add(
                    network.world.now(), to.node.name, "hears on " + id + " " + Messages.name(message), message);
            to.end.received(message);
        });
    }

    /** In order after what was sent before, unless the wire breaks meanwhile. */
    private void deliver(Side to, Runnable action) {
        Instant now = network.world.now();
        Instant arrival = now.plus(network.latency());
        to.arrival = arrival.isAfter(to.arrival) ? arrival : to.arrival;
        network.world.after(Duration.between(now, to.arrival), () -> {
            if (!broken && to.isAlive()) {
                action.run();
            }
        });
    }

    /** One end closes it: the other gets what was sent before, and then the end. */
    void closeByServer(String why) {
        close(server, client, why);
    }

    void closeByClient(String why) {
        close(client, server, why);
    }

    private void close(Side by, Side other, String why) {
        by.open = false;
        deliver(other, () -> {
            other.open = false;
            other.end.closed(why);
        });
    }

    /** The network between them fails, or a process is gone. */
    void sever(Duration clientNotices, Duration serverNotices) {
        if (broken) {
            return;
        }
        broken = true;
        notice(client, clientNotices);
        notice(server, serverNotices);
    }

    private void notice(Side side, Duration delay) {
        network.world.after(delay, () -> {
            if (side.isAlive()) {
                side.open = false;
                side.end.closed("the connection broke");
            }
            side.open = false;
        });
    }
}
