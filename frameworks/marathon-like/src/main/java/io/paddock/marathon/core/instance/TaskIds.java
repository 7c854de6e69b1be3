package io.paddock.marathon.core.instance;

import io.paddock.marathon.core.model.PathId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of instances and tasks: {@code <path with underscores>.instance-<uuid>} and, for its n-th task,
 * {@code ._app.<n>} after that. Source: Marathon 1.8 and later.
 */
public final class TaskIds {
    private static final Pattern TASK = Pattern.compile("(.+\\.instance-[0-9a-f-]{36})\\._app\\.(\\d+)");
    private static final Pattern INSTANCE = Pattern.compile("(.+\\.instance-[0-9a-f-]{36})(\\..*)?");

    private TaskIds() {}

    public static String instance(PathId app, String uuid) {
        return app.safe() + ".instance-" + uuid;
    }

    public static String of(String instanceId, int incarnation) {
        return instanceId + "._app." + incarnation;
    }

    /** The instance a task belongs to; empty when the id has not the form of our tasks. */
    public static Optional<String> instanceOf(String taskId) {
        Matcher m = TASK.matcher(taskId);
        return m.matches() ? Optional.of(m.group(1)) : Optional.empty();
    }

    /** The instance that a task or instance id given by a user names; empty when it names none. */
    public static Optional<String> lenientInstanceOf(String id) {
        Matcher m = INSTANCE.matcher(id);
        return m.matches() ? Optional.of(m.group(1)) : Optional.empty();
    }
}
