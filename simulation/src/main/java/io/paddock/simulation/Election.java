package io.paddock.simulation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides who leads: the first master that is up; after a loss, some seconds later. Everybody can ask, some are told late. */
final class Election {
    private final World world;
    private final List<MasterNode> masters = new ArrayList<>();
    private final List<Runnable> watchers = new ArrayList<>();
    private @Nullable MasterNode leader;
    private boolean deciding;

    Election(World world) {
        this.world = world;
    }

    void stands(MasterNode master) {
        masters.add(master);
    }

    /** Called some time after each change of the leader. */
    void watch(Runnable watcher) {
        watchers.add(watcher);
    }

    @Nullable
    MasterNode leader() {
        return leader;
    }

    boolean leads(MasterNode master) {
        return leader == master;
    }

    void candidateUp() {
        if (leader == null) {
            decide();
        }
    }

    void gone(MasterNode master) {
        if (leader == master) {
            leader = null;
            decide();
        }
    }

    /** The leader's session ends although it is up: another one leads while this one still believes it does. */
    void depose() {
        MasterNode old = leader;
        if (old == null) {
            return;
        }
        world.log("election", "the session of " + old.name + " ended");
        leader = null;
        masters.remove(old);
        masters.add(old);
        decide();
        world.after(world.between(100, 8000), () -> old.deposed());
    }

    private void decide() {
        if (deciding) {
            return;
        }
        deciding = true;
        world.after(world.between(500, 6000), () -> {
            deciding = false;
            for (MasterNode master : masters) {
                if (leader == null && master.isUp() && !master.isLeading()) {
                    leader = master;
                    world.log("election", master.name + " leads");
                    master.elected();
                    watchers.forEach(Runnable::run);
                }
            }
        });
    }
}
