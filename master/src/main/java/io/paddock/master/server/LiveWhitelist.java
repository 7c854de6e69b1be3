package io.paddock.master.server;

import io.paddock.platform.security.JsonFlag;
import io.paddock.platform.security.WatchedFiles;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The hosts in {@code --whitelist}, one in a line, and who is told when the file changes. Any thread. */
final class LiveWhitelist {
    private static final String ALL = "*";

    private final @Nullable Supplier<Set<String>> current;
    private Consumer<Set<String>> follower = hostnames -> {}; // guarded by this

    /**
     * @param flag a file, {@code *} or nothing for all hosts
     * @throws IllegalArgumentException when the file cannot be read
     */
    LiveWhitelist(@Nullable String flag, WatchedFiles files) {
        current = flag == null || flag.equals(ALL)
                ? null
                : files.watch("whitelist", JsonFlag.path(flag), LiveWhitelist::parse, hostnames -> tell());
    }

    static Set<String> parse(byte[] file) {
        Set<String> hostnames = new LinkedHashSet<>();
        new String(file, StandardCharsets.UTF_8)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .forEach(hostnames::add);
        return hostnames;
    }

    /** Tells the hosts now and at every change, the newest always last; nothing if there is no whitelist. */
    synchronized void follow(Consumer<Set<String>> told) {
        follower = told;
        tell();
    }

    private synchronized void tell() {
        if (current != null) {
            follower.accept(current.get());
        }
    }
}
