package io.paddock.cli;

import java.util.function.Consumer;

/** A server that goes away while something is looked at that goes on without it: said once, and waited for. */
final class Outage {
    private final Consumer<String> told;
    private boolean lasts;

    /** @param told once for each time that it goes away */
    Outage(Consumer<String> told) {
        this.told = told;
    }

    /** Takes a step that can as well be taken later. */
    void sparing(Runnable step) {
        try {
            step.run();
            lasts = false;
        } catch (ServerAway e) {
            if (!lasts) {
                String message = String.valueOf(e.getMessage());
                told.accept(message + (message.endsWith(".") ? "" : ".") + " Waiting for it.");
            }
            lasts = true;
        }
    }
}
