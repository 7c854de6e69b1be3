package io.paddock.marathon.core.model;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What runs.
 *
 * @param cmd a line for the shell; not together with args
 * @param args a command and its arguments, or the arguments of the image's entry point
 * @param user whom it runs as; the agent's default when absent
 * @param env variables added to those every task gets; these win
 * @param fetch files put into the sandbox before the start
 * @param executor empty or {@code //cmd} for the built-in one, else the path of a custom executor
 * @param executorResources what a custom executor needs besides its task
 * @param tty whether it gets a terminal
 */
public record Command(
        @Nullable String cmd,
        List<String> args,
        @Nullable String user,
        SortedMap<String, String> env,
        List<Fetch> fetch,
        String executor,
        ExecutorResources executorResources,
        @Nullable Boolean tty) {

    /**
     * A file to fetch.
     *
     * @param uri where it comes from
     * @param extract whether an archive is unpacked
     * @param executable whether it is made executable
     * @param cache whether the agent may keep it for other tasks
     * @param destPath its name in the sandbox; the last part of the URI when absent
     */
    public record Fetch(
            String uri,
            boolean extract,
            boolean executable,
            boolean cache,
            @Nullable String destPath) {}

    /**
     * Resources of a custom executor.
     *
     * @param mem MiB
     * @param disk MiB
     */
    public record ExecutorResources(double cpus, double mem, double disk) {
        public static final ExecutorResources DEFAULT = new ExecutorResources(0.1, 32, 10);
    }

    public Command {
        args = List.copyOf(args);
        env = Collections.unmodifiableSortedMap(new TreeMap<>(env));
        fetch = List.copyOf(fetch);
    }

    public boolean usesBuiltInExecutor() {
        return executor.isEmpty() || executor.equals("//cmd");
    }
}
