package io.paddock.batch.core;

/** Tasks in words. */
final class Words {
    private Words() {}

    /** How a task ended: its state with its message. */
    static String ended(RunTask task) {
        String why = task.message().isEmpty() ? "" : ": " + task.message();
        return "task " + task.id() + " on " + task.host() + " ended " + task.state() + why;
    }
}
