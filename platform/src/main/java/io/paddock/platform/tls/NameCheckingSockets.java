package io.paddock.platform.tls;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Sockets that, where they connect, demand the other side's name in its certificate, as HTTPS does. */
final class NameCheckingSockets extends SSLSocketFactory {
    private final SSLSocketFactory sockets;
    private final TlsChoice choice;

    NameCheckingSockets(SSLSocketFactory sockets, TlsChoice choice) {
        this.sockets = sockets;
        this.choice = choice;
    }

    private Socket checking(Socket socket) {
        SSLSocket tls = (SSLSocket) socket;
        SSLParameters parameters = choice.applyTo(tls.getSSLParameters());
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        tls.setSSLParameters(parameters);
        return tls;
    }

    @Override
    public Socket createSocket() throws IOException {
        return checking(sockets.createSocket());
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return checking(sockets.createSocket(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return checking(sockets.createSocket(host, port, localHost, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return checking(sockets.createSocket(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) throws IOException {
        return checking(sockets.createSocket(host, port, localHost, localPort));
    }

    /** Over a connection that is there; also one that was accepted, where the other side has no name to check. */
    @Override
    public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
        return sockets.createSocket(socket, host, port, autoClose);
    }

    @Override
    public Socket createSocket(Socket socket, InputStream consumed, boolean autoClose) throws IOException {
        return sockets.createSocket(socket, consumed, autoClose);
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return sockets.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return sockets.getSupportedCipherSuites();
    }
}
