package io.paddock.platform.flags;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The address that an operator's program prints; see {@code --ip_discovery_command} of Mesos. */
final class DiscoveredAddress {
    private static final int PATIENCE_SECONDS = 30;
    private static final int LONGEST = 1024;

    private DiscoveredAddress() {}

    /**
     * Runs the program by the shell and reads an address of its output. Blocks.
     *
     * @throws IOException what was wrong with it, to follow the program's name
     */
    static String by(String program) throws IOException {
        Process process = new ProcessBuilder("sh", "-c", program)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.getOutputStream().close();
        CompletableFuture<byte[]> output = new CompletableFuture<>();
        Thread reader = new Thread(
                () -> {
                    try {
                        output.complete(process.getInputStream().readNBytes(LONGEST));
                    } catch (IOException e) {
                        output.completeExceptionally(e);
                    }
                },
                "ip-discovery");
        reader.setDaemon(true);
        reader.start();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("did not end within " + PATIENCE_SECONDS + " s");
            }
            if (process.exitValue() != 0) {
                throw new IOException("ended with " + process.exitValue());
            }
            String printed = new String(output.join(), StandardCharsets.UTF_8).strip();
            if (printed.isEmpty() || printed.contains("\n")) {
                throw new IOException("printed no address but '" + printed + "'");
            }
            return InetAddress.getByName(printed).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IOException("printed '" + e.getMessage() + "'", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("was interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }
}
