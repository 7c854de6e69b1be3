package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.agent.server.containers.tools.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps output from filling the disk while no agent runs: one shell for all containers, which outlives the agent. As long as
 * the agent lives it waits for the end of a pipe and costs nothing. After that it looks every few seconds for outputs of more
 * than twice their bound and cuts them in place to nothing, until no container runs or the next agent replaces it. A container
 * counts as running while nobody has told its exit and the process of its record is there: its monitor may have been killed, too.
 * Two looks must agree that none does, since of a launch in progress the process may be about to appear.
 *
 * <p>The sandboxes are the tasks', who may put other things in place of the files at any moment: no link is followed, no pipe
 * waited for.
 */
final class OutputGuard implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OutputGuard.class);
    private static final String SCRIPT = """
            containers=$1 exits=$2 bytes=$3 pause=$4
            while read -r line; do :; done
            running() {
              for record in "$containers"/*; do
                if [ -L "$record/sandbox" ] && ! [ -e "$exits/${record##*/}" ]; then
                  printf '%s\\0' "$record/sandbox/stdout" "$record/sandbox/stderr"
                fi
              done
            }
            alive() {
              for record in "$containers"/*; do
                [ -L "$record/sandbox" ] && ! [ -e "$exits/${record##*/}" ] || continue
                set -- $(sed -n "$launched" "$record/facts.json")
                [ $# = 2 ] || set -- $(cat "$record/pid")
                [ $# != 0 ] && read -r stat <"/proc/$1/stat" || continue
                ticks=$2
                set -- ${stat##*") "}
                if [ "$1" != Z ] && [ "${ticks:-${20}}" = "${20}" ]; then return 0; fi
              done
              return 1
            }
            launched='s/^{"launched":{"boot_id":"[^"]*","pid":\\([0-9]*\\),"start_ticks":\\([0-9]*\\),.*/\\1 \\2/p'
            dead=0
            while [ "$dead" -lt 2 ] && [ -n "$(running | head -c 1)" ]; do
              cut=$(running | find -files0-from - -maxdepth 0 -type f -size "+${bytes}c" -print \\
                -exec dd if=/dev/null of={} oflag=nofollow,nonblock status=none ';')
              if [ -n "$cut" ]; then sleep 0.2; else sleep "$pause"; fi
              if alive; then dead=0; else dead=$((dead + 1)); fi
            done
            """;
    /** File in the work directory: the process id and the start of the guard. */
    private static final String FILE = "guard";

    private static final double MOST_PAUSE_SECONDS = 2;
    private static final String NAME = "paddock-output-guard";

    private final Path containers;
    private final Path exits;
    private final long bytes;
    private final Duration pause;
    private @Nullable Process process;

    /**
     * @param bound of one output while an agent runs
     * @param pause between two looks, at most 2 s; shorter after a cut
     */
    OutputGuard(Path containers, Path exits, OutputBound bound, Duration pause) {
        this.containers = containers;
        this.exits = exits;
        this.bytes = 2 * bound.bytes();
        this.pause = pause;
    }

    /** Replaces the guard of an earlier agent; without a guard there is no reason not to work. */
    synchronized void start() {
        try {
            Path file = containers.resolveSibling(FILE);
            endEarlier(file);
            ProcessBuilder builder = new ProcessBuilder(List.of(
                    "setsid",
                    "/bin/sh",
                    "-c",
                    SCRIPT,
                    NAME,
                    containers.toString(),
                    exits.toString(),
                    Long.toString(bytes),
                    Double.toString(Math.min(MOST_PAUSE_SECONDS, pause.toMillis() / 1e3))));
            builder.environment().clear();
            builder.environment().put("PATH", Tools.PATH);
            builder.directory(Path.of("/").toFile());
            builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
            builder.redirectError(ProcessBuilder.Redirect.DISCARD);
            Process started = builder.start();
            process = started;
            Processes.Identity identity = Processes.identity(started.pid());
            String text = identity.pid() + " " + identity.startTicks();
            Durable.writePrivate(file, text.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            LOG.warn("output is not bounded while no agent runs: {}", e.toString());
        }
    }

    private static void endEarlier(Path file) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        String[] earlier = Files.readString(file).strip().split(" ", 2);
        if (earlier.length == 2) {
            long pid = Long.parseLong(earlier[0]);
            if (new Processes.Identity(pid, Long.parseLong(earlier[1])).runs()) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    /** Leaves it alone: it ends when no container runs. */
    @Override
    public synchronized void close() {
        try {
            if (process != null) {
                process.getOutputStream().close();
            }
        } catch (IOException e) {
            LOG.debug("the guard of outputs has ended before: {}", e.toString());
        }
    }
}
