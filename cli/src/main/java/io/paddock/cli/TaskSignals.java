package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Signals to the containers of tasks, whatever framework they belong to. */
final class TaskSignals {
    private final ClusterFlags cluster;
    private final JsonHttp master;

    TaskSignals(ClusterFlags cluster, JsonHttp master) {
        this.cluster = cluster;
        this.master = master;
    }

    void send(ClusterTask task, Signal signal) {
        JsonHttp.Answer answer = call(task, signal);
        if (!answer.isFine()) {
            throw refused(task, answer);
        }
    }

    /** As {@link #send}; answers whether its container was there still. */
    boolean sendIfThere(ClusterTask task, Signal signal) {
        JsonHttp.Answer answer = call(task, signal);
        if (!answer.isFine() && answer.status() != 404) {
            throw refused(task, answer);
        }
        return answer.isFine();
    }

    private CommandFailed refused(ClusterTask task, JsonHttp.Answer answer) {
        return task.agentServer(cluster).refused("POST", "/api/v1", answer);
    }

    private JsonHttp.Answer call(ClusterTask task, Signal signal) {
        JsonNode container = task.containerId();
        if (container.isMissingNode()) {
            throw new CommandFailed("task " + task.id() + " (" + task.state() + ") has no container yet; try again");
        }
        ObjectNode call = JsonNodeFactory.instance.objectNode().put("type", "KILL_CONTAINER");
        call.putObject("kill_container").put("signal", signal.number()).set("container_id", container);
        return task.agentServer(cluster).exchange("POST", "/api/v1", call.toString());
    }

    /** Whether it is the only task of a framework that nobody is there for any more. */
    static boolean isDetachedRun(ClusterTask task) {
        return task.frameworkName().equals(RunCommand.FRAMEWORK_NAME) && !task.frameworkConnected();
    }

    /** No error when it has just ended with its task. */
    void endFramework(ClusterTask task) {
        ObjectNode call = JsonNodeFactory.instance.objectNode().put("type", "TEARDOWN");
        call.putObject("teardown").putObject("framework_id").put("value", task.frameworkId());
        JsonHttp.Answer answer = master.exchange("POST", "/api/v1", call.toString());
        if (!answer.isFine() && isThere(task.frameworkId())) {
            throw master.refused("POST", "/api/v1", answer);
        }
    }

    private boolean isThere(String framework) {
        for (JsonNode known : ClusterView.of(master).frameworks()) {
            if (known.path("id").asText().equals(framework)) {
                return true;
            }
        }
        return false;
    }
}
