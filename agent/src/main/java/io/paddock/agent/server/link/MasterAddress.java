package io.paddock.agent.server.link;

import io.paddock.proto.v1.MasterInfo;

/**
 * Where a master is.
 *
 * @param secure whether it speaks TLS
 */
public record MasterAddress(boolean secure, String host, int port) {
    private static final int DEFAULT_PORT = 5050;

    /**
     * Reads {@code host}, {@code host:port} or {@code http(s)://host:port}.
     *
     * @param secure whether TLS is spoken where the text does not say
     * @throws IllegalArgumentException when it has another form
     */
    public static MasterAddress parse(String text, boolean secure) {
        boolean tls = text.startsWith("https://") || (secure && !text.startsWith("http://"));
        String rest = text.replaceFirst("^https?://", "").replaceFirst("/$", "");
        int colon = rest.lastIndexOf(':');
        try {
            String host = colon < 0 ? rest : rest.substring(0, colon);
            int port = colon < 0 ? DEFAULT_PORT : Integer.parseInt(rest.substring(colon + 1));
            if (host.isEmpty() || host.contains("/") || port <= 0 || port > 65535) {
                throw new IllegalArgumentException(text);
            }
            return new MasterAddress(tls, host, port);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--master: '" + text + "' is not host:port, http(s)://host:port or zk://host:port/path", e);
        }
    }

    static MasterAddress of(MasterInfo info, boolean secure) {
        String host = info.getAddress().hasHostname()
                ? info.getAddress().getHostname()
                : info.hasHostname() ? info.getHostname() : info.getAddress().getIp();
        int port = info.hasAddress() ? info.getAddress().getPort() : info.getPort();
        return new MasterAddress(secure, host, port);
    }

    String linkUri() {
        return (secure ? "wss://" : "ws://") + host + ":" + port + "/api/paddock/link";
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
