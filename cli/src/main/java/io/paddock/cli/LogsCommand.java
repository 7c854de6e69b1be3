package io.paddock.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code paddock logs TASK} */
@Command(
        name = "logs",
        description = {
            "Prints what a task has written to its standard output, as far as its agent keeps it.",
            "With --json: objects with the fields stream and data, one a line."
        })
final class LogsCommand implements Callable<Integer> {
    private static final Duration BETWEEN_READS = Duration.ofMillis(500);
    private static final long MOST_OF_TAIL = 1 << 20;

    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Option(
            names = {"-f", "--follow"},
            description = "Go on until the task is over, or Ctrl-C.")
    boolean follow;

    @Option(names = "--stderr", description = "Its standard error instead.")
    boolean stderr;

    @Option(
            names = {"-n", "--tail"},
            paramLabel = "LINES",
            defaultValue = "-1",
            description = "Start this many lines before the end; at most what fits into the last MB.")
    int tail = -1;

    @Parameters(paramLabel = "TASK", description = "The task's id, or the start of it if no other task has it.")
    String task = "";

    @Override
    public Integer call() {
        ClusterTask meant = ClusterView.of(cluster.master()).task(task, true);
        String name = stderr ? "stderr" : "stdout";
        RotatedOutput file = Sandbox.of(cluster, meant).output(name, loss -> output.note("paddock logs: " + loss));
        boolean over = meant.isOver();
        if (tail >= 0) {
            file.seekToEnd(MOST_OF_TAIL);
            write(last(tail, drain(file, !over)));
        }
        copy(file, !over);
        if (follow && !over) {
            follow(new Ending(meant), file);
        }
        return 0;
    }

    /** A task goes on without its agent, and without a master. */
    private void follow(Ending ending, RotatedOutput file) {
        Consumer<String> note = reason -> output.note("paddock logs: " + reason);
        Outage masters = new Outage(note);
        Outage agents = new Outage(note);
        AtomicBoolean copied = new AtomicBoolean();
        while (!(ending.hasCome && copied.get())) {
            new Pause().await(BETWEEN_READS);
            if (ending.isAnswered()) {
                masters.sparing(ending::hear);
            }
            copied.set(false);
            agents.sparing(() -> {
                copy(file, !ending.hasCome);
                copied.set(true);
            });
        }
    }

    /** Whether a task is over, as far as a master can be found that knows; asked beside the copying, as one may hang. */
    private final class Ending {
        private final ClusterTask task;
        private @Nullable JsonHttp master;
        private CompletableFuture<Boolean> answer;
        private boolean hasCome;

        Ending(ClusterTask task) {
            this.task = task;
            this.answer = CompletableFuture.supplyAsync(this::ask);
        }

        boolean isAnswered() {
            return answer.isDone();
        }

        /** Takes the answer, and asks again unless it is that the end has come. */
        void hear() {
            if (hasCome) {
                return;
            }
            try {
                hasCome = answer.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof CommandFailed failed ? failed : e;
            } finally {
                if (!hasCome) {
                    answer = CompletableFuture.supplyAsync(this::ask);
                }
            }
        }

        private boolean ask() {
            JsonHttp asked = master == null ? cluster.master(Duration.ZERO) : master;
            master = null;
            boolean over = ClusterView.of(asked).isOver(task);
            master = asked;
            return over;
        }
    }

    private void copy(RotatedOutput file, boolean mayBeMissing) {
        for (ByteString more = file.next(mayBeMissing); !more.isEmpty(); more = file.next(mayBeMissing)) {
            write(more);
        }
    }

    private static ByteString drain(RotatedOutput file, boolean mayBeMissing) {
        ByteString all = ByteString.EMPTY;
        for (ByteString more = file.next(mayBeMissing); !more.isEmpty(); more = file.next(mayBeMissing)) {
            all = all.concat(more);
        }
        return all;
    }

    private static ByteString last(int lines, ByteString text) {
        int from = text.size();
        for (int newer = 0; from > 0; from--) {
            boolean ends = text.byteAt(from - 1) == '\n' && from < text.size();
            if (ends && ++newer == lines) {
                break;
            }
        }
        return lines == 0 ? ByteString.EMPTY : text.substring(from);
    }

    private void write(ByteString written) {
        if (output.json) {
            output.line(JsonNodeFactory.instance
                    .objectNode()
                    .put("stream", stderr ? "stderr" : "stdout")
                    .put("data", written.toStringUtf8())
                    .toString());
        } else {
            output.bytes(written);
        }
    }
}
