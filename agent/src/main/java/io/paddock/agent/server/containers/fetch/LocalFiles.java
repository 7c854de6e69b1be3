package io.paddock.agent.server.containers.fetch;

import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/**
 * Files of this machine. An agent that is root reads them with the permissions of the task's user, whose file it will be: what
 * only root may read is nothing for a framework that may not run tasks as root. Source: Mesos' fetcher runs as that user.
 */
final class LocalFiles {
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
    private static final Duration TIMEOUT = Duration.ofHours(2);
    /** Arguments: the user, the file and the target, which the agent opens. */
    private static final String COPY = "exec chroot --userspec=\"$1\" / sh -c '"
            + "[ -f \"$1\" ] || { echo \"no such file, or none that $2 may see\" >&2; exit 1; }; exec cat -- \"$1\"'"
            + " sh \"$2\" \"$1\" > \"$3\"";

    private final Tools tools;

    LocalFiles(Tools tools) {
        this.tools = tools;
    }

    /** Replaces the target. */
    void copy(Source source, Path target, Cancellation cancellation) throws IOException {
        Path path = Path.of(source.path());
        if (ROOT && source.reader().isPresent()) {
            copyAs(source.reader().get(), path, target, cancellation);
            Files.setPosixFilePermissions(target, Files.getPosixFilePermissions(path));
            return;
        }
        if (!Files.isRegularFile(path)) {
            throw new IOException(Files.exists(path) ? "not a file" : "no such file");
        }
        Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
    }

    private void copyAs(String user, Path path, Path target, Cancellation cancellation) throws IOException {
        ToolCall call = ToolCall.of("sh", "-c", COPY, "sh", user, path.toString(), target.toString());
        Tools.Output output = tools.attempt(call.within(TIMEOUT), cancellation);
        if (output.code() != 0) {
            throw new IOException("as user " + user + ": " + output.stderr().strip());
        }
    }
}
