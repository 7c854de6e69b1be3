package io.paddock.agent.server.containers.fetch;

import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.proto.v1.CommandInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Fetches the URIs of a command by the rules of Mesos' fetcher. */
public final class Fetcher {
    private final Optional<Path> home;
    private final Download download;
    private final FetchCache cache;
    private final Archives archives;

    /**
     * @param cacheDirectory of files marked for the cache
     * @param home where relative paths begin
     * @param stall a transfer that makes no progress for so long has failed
     */
    public Fetcher(Path cacheDirectory, long cacheBytes, Optional<Path> home, Duration stall, Tools tools) {
        this.home = home;
        this.download = new Download(stall, tools);
        this.cache = new FetchCache(cacheDirectory, cacheBytes, download);
        this.archives = new Archives(tools);
    }

    /** Puts one file into a sandbox, executable or unpacked if so asked. */
    public void fetch(CommandInfo.URI uri, Path sandbox, Cancellation cancellation) throws IOException {
        Source source;
        Path target;
        try {
            source = Source.parse(uri.getValue(), home);
            target = target(sandbox, uri.hasOutputFile() ? uri.getOutputFile() : source.fileName());
        } catch (IllegalArgumentException e) {
            throw new IOException("command.uris: " + e.getMessage(), e);
        }
        Files.createDirectories(target.getParent());
        if (uri.getCache()) {
            cache.copy(source, target, cancellation);
        } else {
            download.get(source, target, cancellation);
        }
        if (uri.getExecutable()) {
            Set<PosixFilePermission> permissions = new HashSet<>(Files.getPosixFilePermissions(target));
            permissions.addAll(Set.of(
                    PosixFilePermission.OWNER_EXECUTE,
                    PosixFilePermission.GROUP_EXECUTE,
                    PosixFilePermission.OTHERS_EXECUTE));
            Files.setPosixFilePermissions(target, permissions);
        } else if (uri.getExtract()) {
            archives.unpack(target, cancellation);
        }
    }

    private static Path target(Path sandbox, String name) {
        Path target = sandbox.resolve(name).normalize();
        if (!target.startsWith(sandbox) || target.equals(sandbox)) {
            throw new IllegalArgumentException("output_file " + name + " leads out of the sandbox");
        }
        return target;
    }
}
