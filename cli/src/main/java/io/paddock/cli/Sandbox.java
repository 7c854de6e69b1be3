package io.paddock.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files that a task left or is writing, read through its agent. */
final class Sandbox {
    private static final int MOST_ROTATED = 1000;

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
            if (agent.exchange("GET", read(own + "/stdout", -1, 0), null).isFine()) {
                return new Sandbox(agent, own);
            }
        }
        return new Sandbox(agent, run);
    }

    /** One file, read on and on. */
    Reader file(String name) {
        return new Reader(directory + "/" + name);
    }

    private static String read(String path, long offset, int length) {
        return "/files/read?path=" + JsonHttp.encode(path) + "&offset=" + offset
                + (length > 0 ? "&length=" + length : "");
    }

    /** Older parts of an output, the oldest first: what its agent has rotated away and still keeps. */
    List<Reader> older(String name) {
        List<Reader> found = new ArrayList<>();
        for (int i = 1; i <= MOST_ROTATED; i++) {
            Reader reader = new Reader(directory + "/" + name + "." + i);
            if (reader.size() < 0) {
                break;
            }
            found.add(0, reader);
        }
        return found;
    }

    /**
     * Remembers how far it has read. When the file has become shorter it was rotated meanwhile: then the rest is read from where
     * it was moved, and the file again from its beginning.
     */
    final class Reader {
        private static final int CHUNK = 64 * 1024;

        private final String path;
        private long offset;
        private @Nullable Reader moved;

        Reader(String path) {
            this.path = path;
        }

        /** Starts {@code bytes} before the end. */
        void seekToEnd(long bytes) {
            offset = Math.max(0, size() - bytes);
        }

        /**
         * The next text; empty when there is no more at the moment. Asks for the size first and then for no more than is
         * there, because an answer does not tell how many bytes of the file its text stands for.
         *
         * @param mayBeMissing whether a file that is not there yet is as good as an empty one
         */
        String next(boolean mayBeMissing) {
            if (moved != null) {
                String rest = moved.next(true);
                if (!rest.isEmpty()) {
                    return rest;
                }
                moved = null;
            }
            long size = size(mayBeMissing);
            if (size < 0) {
                return "";
            }
            long available = size - offset;
            if (available < 0) {
                moved = new Reader(path + ".1");
                moved.offset = offset;
                if (moved.size() < offset) {
                    moved = null; // not all of it was kept
                }
                offset = 0;
                return next(mayBeMissing);
            }
            if (available == 0) {
                return "";
            }
            int length = (int) Math.min(CHUNK, available);
            String data = agent.get(read(path, offset, length)).path("data").asText();
            offset += length;
            return data;
        }

        private long size(boolean mayBeMissing) {
            long size = size();
            if (size >= 0 || mayBeMissing) {
                return size;
            }
            throw new CommandFailed("the agent has no " + path + " any more: its sandbox was removed");
        }

        /** −1 when there is no such file. */
        private long size() {
            String request = read(path, -1, 0);
            JsonHttp.Answer answer = agent.exchange("GET", request, null);
            if (answer.isFine()) {
                return answer.json().path("offset").asLong();
            }
            if (answer.status() != 404) {
                throw agent.refused("GET", request, answer);
            }
            return -1;
        }
    }
}
