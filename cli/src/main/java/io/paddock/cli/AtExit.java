package io.paddock.cli;

/** What is still to be done when this process is ended by a signal. */
final class AtExit {
    private AtExit() {}

    /** Runs it at the end; answers false when the end has come already, so that it will not be run. */
    static boolean run(Thread hook) {
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    /** Does not run it at the end; answers false when it runs, or has run, already. */
    static boolean forget(Thread hook) {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return false;
        }
    }
}
