package io.paddock.marathon.core.launch;

import io.paddock.marathon.core.launch.PortNames.TaskPort;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Container.Image;
import io.paddock.marathon.core.model.Stamp;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The environment variables a task gets. What the app defines wins over everything. Source: Marathon 1.11. */
final class TaskEnvironment {
    private static final int MAX_LABEL_LENGTH = 512;

    private TaskEnvironment() {}

    static Map<String, String> of(App app, String taskId, String host, List<TaskPort> ports, String prefix) {
        Map<String, String> env = new LinkedHashMap<>();
        env.put("MESOS_TASK_ID", taskId);
        env.put("MARATHON_APP_ID", app.id().text());
        env.put("MARATHON_APP_VERSION", Stamp.format(app.version()));
        Image image = app.container().image();
        if (image != null) {
            env.put("MARATHON_APP_DOCKER_IMAGE", image.name());
        }
        env.put("MARATHON_APP_RESOURCE_CPUS", Double.toString(app.sizing().cpus()));
        env.put("MARATHON_APP_RESOURCE_MEM", Double.toString(app.sizing().mem()));
        env.put("MARATHON_APP_RESOURCE_DISK", Double.toString(app.sizing().disk()));
        env.put("MARATHON_APP_RESOURCE_GPUS", Integer.toString(app.sizing().gpus()));
        putLabels(app, env);
        putPorts(host, ports, prefix, env);
        env.putAll(app.command().env());
        return env;
    }

    private static void putLabels(App app, Map<String, String> env) {
        SortedMap<String, String> byName = new TreeMap<>();
        app.labels().forEach((key, value) -> {
            if (key.length() < MAX_LABEL_LENGTH && value.length() < MAX_LABEL_LENGTH) {
                byName.put(sanitised(key), value);
            }
        });
        env.put("MARATHON_APP_LABELS", String.join(" ", byName.keySet()));
        byName.forEach((name, value) -> env.put("MARATHON_APP_LABEL_" + name, value));
    }

    private static void putPorts(String host, List<TaskPort> ports, String prefix, Map<String, String> env) {
        env.put(prefix + "HOST", host);
        List<String> numbers = new ArrayList<>();
        for (int i = 0; i < ports.size(); i++) {
            TaskPort port = ports.get(i);
            String number = Integer.toString(port.reachable());
            numbers.add(number);
            if (i == 0) {
                env.put(prefix + "PORT", number);
            }
            env.put(prefix + "PORT" + i, number);
            int declared = port.declared() > 0 ? port.declared() : port.reachable();
            env.put(prefix + "PORT_" + declared, number);
            if (port.name() != null) {
                env.put(prefix + "PORT_" + sanitised(port.name()), number);
            }
        }
        if (!numbers.isEmpty()) {
            env.put(prefix + "PORTS", String.join(",", numbers));
        }
    }

    private static String sanitised(String name) {
        return name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9_]+", "_");
    }
}
