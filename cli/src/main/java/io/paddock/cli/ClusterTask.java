package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.ContainerID;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A task as the master tells it, with the names of its framework and agent.
 *
 * @param agent the agent's object of {@code /state}; missing when the agent is not registered
 * @param json the task's object of {@code /state}
 */
record ClusterTask(
        String id,
        String name,
        String state,
        String frameworkId,
        String frameworkName,
        boolean frameworkConnected,
        JsonNode agent,
        JsonNode json) {

    /** The id of its executor; for a command task that of the task. */
    String executorId() {
        String executor = json.path("executor_id").asText();
        return executor.isEmpty() ? id : executor;
    }

    boolean isOver() {
        return switch (state) {
            case "TASK_STAGING", "TASK_STARTING", "TASK_RUNNING", "TASK_KILLING", "TASK_UNREACHABLE", "TASK_UNKNOWN" ->
                false;
            default -> true;
        };
    }

    /** Why it is in its state, as far as the master tells: reason or message of its last status. */
    String reason() {
        JsonNode last = lastStatus();
        String reason = last.path("reason").asText();
        String message = last.path("message").asText();
        String short_ = reason.startsWith("REASON_") ? reason.substring(7) : reason;
        return short_.isEmpty() ? message : message.isEmpty() ? short_ : short_ + ": " + message;
    }

    /** As {@link #reason}, and that its agent is away; where nobody has said anything yet what it waits for. */
    String explanation() {
        String reason = reason();
        if (agent.has("connected") && !agent.path("connected").asBoolean() && !isOver()) {
            return reason.isEmpty() ? agentAway() : reason + "; " + agentAway();
        }
        if (!reason.isEmpty()) {
            return reason;
        }
        return switch (state) {
            case "TASK_STAGING" ->
                "sent to its agent, which has not said yet that it starts: it fetches files or an image, or makes the container";
            case "TASK_STARTING" -> "its executor is up; it has not said yet that the task runs";
            case "TASK_KILLING" -> "asked to end; it has its grace period";
            case "TASK_UNREACHABLE" -> "its agent is unreachable; the task may still run there";
            default -> "";
        };
    }

    private String agentAway() {
        return switch (state) {
            case "TASK_STAGING", "TASK_KILLING" -> "waits for its agent, which is disconnected";
            default -> "its agent is disconnected; the task may still run there";
        };
    }

    JsonNode lastStatus() {
        JsonNode statuses = json.path("statuses");
        return statuses.path(statuses.size() - 1);
    }

    /** The container id that its statuses report, the latest that has one; missing when there is none. */
    JsonNode containerId() {
        JsonNode statuses = json.path("statuses");
        for (int i = statuses.size() - 1; i >= 0; i--) {
            JsonNode id = statuses.path(i).path("container_status").path("container_id");
            if (id.has("value")) {
                return id;
            }
        }
        return statuses.path(-1);
    }

    /** The id of its container, for calls. */
    ContainerID container() {
        JsonNode found = containerId();
        if (found.isMissingNode()) {
            throw new CommandFailed("task " + id + " (" + state + ") has no container yet; try again");
        }
        return JsonCodec.fromJson(found.toString(), ContainerID.getDefaultInstance());
    }

    /** Whether it was started with a terminal. */
    boolean hasTerminal() {
        return json.path("container").has("tty_info");
    }

    /** Its agent, to be asked. */
    JsonHttp agentServer(ClusterFlags cluster) {
        return cluster.server(
                "the agent", agentAddress(), "The master lists it; its address must be reachable from here.");
    }

    /** {@code 31050->80/tcp, 31051/tcp}: the ports mapped into it, else those it was given. */
    String ports() {
        List<String> parts = new ArrayList<>();
        for (JsonNode network : lastStatus().path("container_status").path("network_infos")) {
            for (JsonNode port : network.path("port_mappings")) {
                parts.add(port.path("host_port").asText() + "->"
                        + port.path("container_port").asText() + "/"
                        + port.path("protocol").asText("tcp"));
            }
        }
        return parts.isEmpty()
                ? json.path("resources")
                        .path("ports")
                        .asText("")
                        .replaceAll("[\\[\\]]", "")
                        .replaceAll("\\b(\\d+)-\\1\\b", "$1")
                : String.join(", ", parts);
    }

    /** How long ago its first status was made. */
    String age(Instant now) {
        return Words.age(json.path("statuses").path(0).path("timestamp").asDouble(), now);
    }

    String hostname() {
        return agent.path("hostname").asText("-");
    }

    /** {@code host:port} of its agent, {@code https://host:port} where it speaks HTTPS. */
    String agentAddress() {
        if (agent.path("hostname").asText().isEmpty()) {
            throw new CommandFailed("task " + id + " is on agent "
                    + json.path("slave_id").asText() + ", which is not registered at the moment: it cannot be reached");
        }
        return addressOf(agent);
    }

    /** Of an agent as the master lists it: by name, which is what certificates carry. */
    static String addressOf(JsonNode agent) {
        String address =
                agent.path("hostname").asText() + ":" + agent.path("port").asInt();
        return agent.path("scheme").asText().equals("https") ? "https://" + address : address;
    }
}
