package io.paddock.agent.server.containers.fetch;

import io.paddock.agent.server.containers.tools.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.apache.commons.net.ftp.FTP;
import org.apache.commons.net.ftp.FTPClient;
import org.apache.commons.net.ftp.FTPSClient;

/**
 * By FTP, or FTP within TLS from the first byte ({@code ftps}, port 990), with the address's user or anonymously, in passive
 * mode. Goes on where an earlier attempt has ended (REST).
 */
final class FtpTransfer implements FileTransfer {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int NOT_THERE = 550;

    private final Duration stall;
    private final SSLContext tls;

    /**
     * @param stall a transfer that makes no progress for so long is broken
     * @param tls whom to trust
     */
    FtpTransfer(Duration stall, SSLContext tls) {
        this.stall = stall;
        this.tls = tls;
    }

    @Override
    public void transfer(Source source, Path partial, Cancellation cancellation) throws IOException {
        URI address = URI.create(source.text());
        FTPClient client = source.scheme().equals("ftps") ? secure() : new FTPClient();
        client.setConnectTimeout((int) CONNECT_TIMEOUT.toMillis());
        client.setDefaultTimeout((int) CONNECT_TIMEOUT.toMillis());
        client.setDataTimeout(stall);
        try {
            connect(client, address);
            logIn(client, address);
            retrieve(client, source.path(), partial, cancellation);
        } finally {
            close(client);
        }
    }

    private FTPClient secure() {
        FTPSClient client = new FTPSClient(true, tls);
        client.setTrustManager(null);
        client.setEndpointCheckingEnabled(true);
        return client;
    }

    private static void connect(FTPClient client, URI address) throws IOException {
        try {
            if (address.getPort() > 0) {
                client.connect(address.getHost(), address.getPort());
            } else {
                client.connect(address.getHost());
            }
        } catch (javax.net.ssl.SSLException e) {
            throw e;
        } catch (IOException e) {
            throw new TransferBroken(TransferBroken.words(e), e);
        }
    }

    private static void logIn(FTPClient client, URI address) throws IOException {
        String[] who =
                Optional.ofNullable(address.getUserInfo()).orElse("anonymous:").split(":", 2);
        if (!client.login(who[0], who.length == 2 ? who[1] : "")) {
            throw new IOException("the server refused the user " + who[0] + ": "
                    + client.getReplyString().strip());
        }
        if (client instanceof FTPSClient secure) {
            secure.execPBSZ(0);
            secure.execPROT("P");
        }
        client.enterLocalPassiveMode();
        client.setFileType(FTP.BINARY_FILE_TYPE);
    }

    private void retrieve(FTPClient client, String path, Path partial, Cancellation cancellation) throws IOException {
        client.setRestartOffset(Files.exists(partial) ? Files.size(partial) : 0);
        try (InputStream from = client.retrieveFileStream(path)) {
            if (from == null) {
                String reply = client.getReplyString().strip();
                if (client.getReplyCode() == NOT_THERE) {
                    throw new IOException(reply);
                }
                Files.deleteIfExists(partial); // perhaps it cannot begin in the middle
                throw new TransferBroken(reply, new IOException(reply));
            }
            try (OutputStream to =
                    Files.newOutputStream(partial, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                copy(from, to, cancellation);
            }
        }
        try {
            if (!client.completePendingCommand()) {
                String reply = client.getReplyString().strip();
                throw new TransferBroken(reply, new IOException(reply));
            }
        } catch (IOException e) {
            throw new TransferBroken(TransferBroken.words(e), e);
        }
    }

    private void copy(InputStream from, OutputStream to, Cancellation cancellation) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        while (true) {
            cancellation.check();
            int n;
            try {
                n = from.read(buffer);
            } catch (java.net.SocketTimeoutException e) {
                throw new TransferBroken("no progress for " + stall.toSeconds() + " s", e);
            } catch (IOException e) {
                throw new TransferBroken(TransferBroken.words(e), e);
            }
            if (n < 0) {
                return;
            }
            to.write(buffer, 0, n);
        }
    }

    private static void close(FTPClient client) throws IOException {
        if (client.isConnected()) {
            client.disconnect();
        }
    }
}
