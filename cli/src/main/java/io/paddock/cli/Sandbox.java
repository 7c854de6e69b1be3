package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The files that a task left or is writing, read through its agent. */
final class Sandbox {
    private static final int NOT_FOUND = 404;

    private final JsonHttp agent;
    private final String directory;

    private Sandbox(JsonHttp agent, String directory) {
        this.agent = agent;
        this.directory = directory;
    }

    /** Finds a task's sandbox: that of its executor, or a directory of its own in there when the executor runs several. */
    static Sandbox of(ClusterFlags cluster, ClusterTask task) {
        return of(
                cluster.server(
                        "the agent",
                        task.agentAddress(),
                        "The master lists it; its address must be reachable from here."),
                task.frameworkId(),
                task.executorId(),
                task.id());
    }

    static Sandbox of(JsonHttp agent, String frameworkId, String executorId, String taskId) {
        String run = "/frameworks/" + frameworkId + "/executors/" + executorId + "/runs/latest";
        if (!executorId.equals(taskId)) {
            String own = run + "/tasks/" + taskId;
            if (read(agent, own + "/stdout", 0, 0).isFine()) {
                return new Sandbox(agent, own);
            }
        }
        return new Sandbox(agent, run);
    }

    /**
     * One of the outputs, from its beginning.
     *
     * @param onLoss told what of it cannot be had any more
     */
    RotatedOutput output(String name, Consumer<String> onLoss) {
        return new RotatedOutput(this, name, onLoss);
    }

    String path(String name) {
        return directory + "/" + name;
    }

    /**
     * What is in a file at this moment.
     *
     * @param size of the whole file
     */
    record Piece(ByteString data, long size) {}

    /** Reads, fewer bytes than asked for where there are no more; null when there is no such file. */
    @Nullable
    Piece read(String name, long offset, int length) {
        JsonHttp.Answer answer = read(agent, path(name), offset, length);
        if (answer.status() == NOT_FOUND) {
            return null;
        }
        if (!answer.isFine()) {
            throw agent.refused("READ_FILE", path(name), answer);
        }
        JsonNode read = answer.json().path("read_file");
        try {
            byte[] data = read.path("data").binaryValue();
            return new Piece(
                    data == null ? ByteString.EMPTY : ByteString.copyFrom(data),
                    read.path("size").asLong());
        } catch (IOException e) {
            throw new CommandFailed("the agent's answer to READ_FILE has no data: " + e.getMessage());
        }
    }

    /** By the call whose answer has bytes, not text, and the size that the file had when it was read. */
    private static JsonHttp.Answer read(JsonHttp agent, String path, long offset, int length) {
        ObjectNode call = JsonNodeFactory.instance.objectNode().put("type", "READ_FILE");
        call.putObject("read_file").put("path", path).put("offset", offset).put("length", length);
        return agent.exchange("POST", "/api/v1", call.toString());
    }
}
