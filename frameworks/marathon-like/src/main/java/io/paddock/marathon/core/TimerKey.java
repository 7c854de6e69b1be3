package io.paddock.marathon.core;

/**
 * Names one thing that has to be looked at again.
 *
 * @param subject the instance or app it is about; empty when it is about everything
 * @param index of the check, where it is about one
 */
record TimerKey(Due due, String subject, int index) {
    static TimerKey of(Due due) {
        return new TimerKey(due, "", 0);
    }

    static TimerKey of(Due due, String subject) {
        return new TimerKey(due, subject, 0);
    }
}
