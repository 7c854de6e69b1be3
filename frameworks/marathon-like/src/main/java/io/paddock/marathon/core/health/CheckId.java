package io.paddock.marathon.core.health;

/**
 * Names one check of one task.
 *
 * @param taskId the task it was asked of: the result is ignored when the instance has gone on to another
 * @param kind whose check it is
 * @param index among the app's checks of that kind
 */
public record CheckId(String instanceId, String taskId, Kind kind, int index) {
    /** Whose check it is. */
    public enum Kind {
        HEALTH,
        READINESS
    }
}
