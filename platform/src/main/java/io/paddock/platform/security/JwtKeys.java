package io.paddock.platform.security;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The key of tokens, and the one it replaced. */
public final class JwtKeys {
    private final Supplier<Pair> keys;

    private record Pair(JwtKey newest, @Nullable JwtKey before) {}

    private JwtKeys(Supplier<Pair> keys) {
        this.keys = keys;
    }

    /** A key in a file that may change. */
    public static JwtKeys watch(WatchedFiles files, String flag, Path file) {
        JwtKey[] before = new JwtKey[1]; // the watching thread's
        return new JwtKeys(files.watch(flag, file, bytes -> {
            JwtKey newest = JwtKey.of(bytes);
            Pair pair = new Pair(newest, before[0]);
            before[0] = newest;
            return pair;
        }));
    }

    /** Which signs. */
    public JwtKey newest() {
        return keys.get().newest();
    }

    /** An executor cannot be given a new token, so that of the key before is taken from it as well. */
    Optional<Principal> verifyAlsoOlder(String token, Instant now) {
        Pair pair = keys.get();
        JwtKey before = pair.before();
        return pair.newest().verify(token, now).or(() -> before == null ? Optional.empty() : before.verify(token, now));
    }
}
