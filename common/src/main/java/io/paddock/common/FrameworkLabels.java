package io.paddock.common;

/** Labels of a framework that the master heeds; other masters ignore them. */
public final class FrameworkLabels {
    /**
     * With the value {@code true}: once its scheduler is away and none of its tasks runs, the framework is removed, without waiting
     * for its failover timeout. For frameworks that nobody comes back to.
     */
    public static final String ENDS_WITH_ITS_TASKS = "paddock/ends-with-its-tasks";

    private FrameworkLabels() {}
}
