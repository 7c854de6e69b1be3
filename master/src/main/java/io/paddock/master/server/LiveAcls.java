package io.paddock.master.server;

import io.paddock.common.authorization.Acls;
import io.paddock.platform.security.WatchedFiles;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The rules in force, and who is told of new ones. Any thread. */
final class LiveAcls implements Supplier<Acls> {
    private final Supplier<Acls> current;
    private Consumer<Acls> follower = rules -> {}; // guarded by this

    /** @throws IllegalArgumentException when the rules do not fit */
    LiveAcls(MasterSecurity flags, WatchedFiles files) {
        this.current = flags.acls(files, rules -> tell());
    }

    @Override
    public Acls get() {
        return current.get();
    }

    /** Tells the rules now and at every change; the newest is always told last. */
    synchronized void follow(Consumer<Acls> told) {
        follower = told;
        tell();
    }

    private synchronized void tell() {
        follower.accept(current.get());
    }
}
