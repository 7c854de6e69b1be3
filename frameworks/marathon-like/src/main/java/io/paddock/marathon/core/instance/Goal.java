package io.paddock.marathon.core.instance;

/** What is wanted of an instance. */
public enum Goal {
    /** It shall run; when it ends it is started again. */
    RUNNING,
    /** It shall end and then be forgotten. */
    DECOMMISSIONED
}
