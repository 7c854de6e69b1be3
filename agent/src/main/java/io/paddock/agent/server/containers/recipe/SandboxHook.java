package io.paddock.agent.server.containers.recipe;

import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.platform.linux.PathBelow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Makes the sandbox with its output files, following no link of a task. It is the agent's to collect and stays behind. */
public final class SandboxHook implements Hook {
    public static final String STDOUT = "stdout";
    public static final String STDERR = "stderr";

    @Override
    public String name() {
        return "sandbox";
    }

    @Override
    public void prepare(Launch launch) throws IOException {
        ContainerSpec spec = launch.spec();
        Files.createDirectories(spec.outermostSandbox());
        try (PathBelow sandbox = PathBelow.open(spec.outermostSandbox(), spec.sandboxBelow())) {
            PathBelow.naming(() -> fill(sandbox.file()));
        }
    }

    private static void fill(Path sandbox) throws IOException {
        Files.setPosixFilePermissions(sandbox, PosixFilePermissions.fromString("rwxr-x---"));
        for (String name : new String[] {STDOUT, STDERR}) {
            Path file = sandbox.resolve(name);
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                Files.createFile(file);
            }
        }
    }
}
