package io.paddock.executor.core;

/** What a check is for: {@code TaskInfo.check} only reports, {@code TaskInfo.health_check} decides whether a task lives. */
public enum CheckKind {
    CHECK,
    HEALTH
}
