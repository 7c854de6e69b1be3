package io.paddock.agent.server.containers.fetch;

import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Unpacks what a file's name says is an archive. */
final class Archives {
    private static final Duration TIMEOUT = Duration.ofHours(1);
    private static final List<String> TAR = List.of(".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz");

    private final Tools tools;

    Archives(Tools tools) {
        this.tools = tools;
    }

    /**
     * Unpacks an archive, which stays. Does nothing to other files. Nobody has the rights of whom the archive names, nor those that
     * its programs would take for themselves: what is in the directory is the agent's.
     *
     * @param name says what it is
     * @param directory empty: neither tar nor unzip follows a link that it has just unpacked out of it
     */
    void unpack(Path file, String name, Path directory, Cancellation cancellation) throws IOException {
        if (TAR.stream().anyMatch(name::endsWith)) {
            tools.run(
                    ToolCall.of(
                                    "tar",
                                    "--extract",
                                    "--file=" + file,
                                    "--directory=" + directory,
                                    "--no-same-owner",
                                    "--no-same-permissions")
                            .within(TIMEOUT),
                    cancellation);
        } else if (name.endsWith(".gz")) {
            Path target = directory.resolve(name.substring(0, name.length() - ".gz".length()));
            try (InputStream compressed = new GZIPInputStream(Files.newInputStream(file))) {
                Files.copy(compressed, target, StandardCopyOption.REPLACE_EXISTING);
            }
        } else if (name.endsWith(".zip")) {
            if (Tools.find("unzip").isEmpty()) {
                throw new IOException(
                        "unzip is not installed, which " + name + " needs; set extract to false or use tar");
            }
            tools.run(
                    ToolCall.of("unzip", "-o", "-q", "-d", directory.toString(), file.toString())
                            .within(TIMEOUT),
                    cancellation);
        }
    }
}
