package io.paddock.platform.flags;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;

/** Under which address others reach a server that listens on all of its machine's. */
public final class OwnAddress {
    /** Of a network reserved for documents (RFC 5737): the default route leads there. */
    private static final InetSocketAddress ELSEWHERE = new InetSocketAddress("198.51.100.1", 9);

    private OwnAddress() {}

    /**
     * The address of the machine's name; many machines map it to the loopback, and then the address that the default route starts
     * from. The loopback if there is neither. Asks the resolver; sends nothing.
     */
    public static InetAddress find() {
        InetAddress named = named();
        return named.isLoopbackAddress() ? routed(named) : named;
    }

    private static InetAddress named() {
        try {
            return InetAddress.getLocalHost();
        } catch (UnknownHostException e) {
            return InetAddress.getLoopbackAddress();
        }
    }

    private static InetAddress routed(InetAddress otherwise) {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(ELSEWHERE);
            InetAddress from = socket.getLocalAddress();
            return from.isAnyLocalAddress() ? otherwise : from;
        } catch (SocketException e) {
            return otherwise; // no route: nobody else is there
        }
    }
}
