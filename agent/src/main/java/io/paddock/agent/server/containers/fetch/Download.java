package io.paddock.agent.server.containers.fetch;

import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import javax.net.ssl.SSLContext;

/**
 * Copies one file from its source to this machine. A transfer that breaks is taken up again where it ended, for as long as it
 * gets further.
 */
final class Download {
    private static final int TRIES_WITHOUT_PROGRESS = 3;
    private static final int PAUSE_LOOKS = 10;
    private static final long LOOK_NANOS = 20_000_000;

    private final LocalFiles local;
    private final FileTransfer http;
    private final FileTransfer ftp;
    private final FileTransfer clients;

    /**
     * @param stall a transfer that makes no progress for so long is broken
     * @param tls whom to trust for ftps
     * @param hadoopHome where clients are looked for
     */
    Download(Duration stall, SSLContext tls, Optional<Path> hadoopHome, Tools tools) {
        this.local = new LocalFiles(tools);
        this.http = new HttpTransfer(stall);
        this.ftp = new FtpTransfer(stall, tls);
        this.clients = new ClientPrograms(hadoopHome, tools);
    }

    /**
     * Copies a file, which is at the target only when it is whole.
     *
     * @param keep whether what has come stays after a failure, for the next download to the same target to go on with
     */
    void get(Source source, Path target, boolean keep, Cancellation cancellation) throws IOException {
        Path partial = target.resolveSibling("." + target.getFileName() + ".partial");
        boolean broken = false;
        try {
            if (source.isLocal()) {
                local.copy(source, partial, cancellation);
            } else {
                persist(source, partial, cancellation);
            }
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (CancellationException e) {
            broken = true;
            throw e;
        } catch (IOException e) {
            broken = e instanceof FileTransfer.TransferBroken;
            throw new IOException("cannot fetch " + source + ": " + words(e), e);
        } finally {
            if (!keep || !broken) {
                Files.deleteIfExists(partial);
                Files.deleteIfExists(HttpTransfer.validator(partial));
            }
        }
    }

    private void persist(Source source, Path partial, Cancellation cancellation) throws IOException {
        FileTransfer way =
                switch (source.scheme()) {
                    case "http", "https" -> http;
                    case "ftp", "ftps" -> ftp;
                    default -> clients;
                };
        long before = -1;
        int tries = 0;
        while (true) {
            try {
                way.transfer(source, partial, cancellation);
                return;
            } catch (FileTransfer.TransferBroken e) {
                long now = Files.exists(partial) ? Files.size(partial) : 0;
                tries = now > before ? 1 : tries + 1;
                before = now;
                if (tries >= TRIES_WITHOUT_PROGRESS) {
                    throw e;
                }
                pause(cancellation);
            }
        }
    }

    private static void pause(Cancellation cancellation) {
        for (int i = 0; i < PAUSE_LOOKS; i++) {
            cancellation.check();
            java.util.concurrent.locks.LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private static String words(IOException failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}
