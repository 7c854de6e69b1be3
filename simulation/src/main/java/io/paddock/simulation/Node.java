package io.paddock.simulation;

import java.time.Duration;

/** A process: runs, crashes, starts again. What it planned before a crash does not happen. */
abstract class Node {
    final World world;
    final Network network;
    final String name;
    private boolean up;
    private int life;

    Node(World world, Network network, String name) {
        this.world = world;
        this.network = network;
        this.name = name;
    }

    final boolean isUp() {
        return up;
    }

    /** Counts the starts, so that somebody can tell whether this is still the process of before. */
    final int life() {
        return life;
    }

    final void start() {
        if (!up) {
            up = true;
            life++;
            world.log(name, "starts");
            started();
        }
    }

    /** The process is gone from one moment to the next. */
    final void crash(String why) {
        if (up) {
            up = false;
            life++;
            world.log(name, "is gone: " + why);
            network.processGone(this);
            crashed();
        }
    }

    final void restartAfter(Duration delay) {
        int dead = life;
        world.after(delay, () -> {
            if (life == dead) {
                start();
            }
        });
    }

    /** Does something later, unless this process is gone by then. */
    final void later(Duration delay, Runnable action) {
        int mine = life;
        world.after(delay, () -> {
            if (life == mine) {
                action.run();
            }
        });
    }

    abstract void started();

    /** Clears what was only in memory. */
    abstract void crashed();
}
