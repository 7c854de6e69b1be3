package io.paddock.cli;

import com.google.protobuf.ByteString;
import java.util.function.Consumer;

/** Copies what a task writes to where we write. */
final class TaskOutput {
    private final RotatedOutput stdout;
    private final RotatedOutput stderr;
    private final Output output;

    TaskOutput(ClusterFlags cluster, RunScheduler.Place place, Output output) {
        JsonHttp agent = cluster.server(
                "the agent", place.agentAddress(), "Its address, from the offer, must be reachable from here.");
        Sandbox sandbox = Sandbox.of(agent, place.frameworkId(), place.taskId(), place.taskId());
        Consumer<String> onLoss = loss -> output.note("paddock run: " + loss);
        this.stdout = sandbox.output("stdout", onLoss);
        this.stderr = sandbox.output("stderr", onLoss);
        this.output = output;
    }

    /** Copies what is new. */
    void copy(boolean mayBeMissing) {
        copy(stdout, output::bytes, mayBeMissing);
        copy(stderr, output::errorBytes, mayBeMissing);
    }

    private static void copy(RotatedOutput from, Consumer<ByteString> to, boolean mayBeMissing) {
        for (ByteString more = from.next(mayBeMissing); !more.isEmpty(); more = from.next(mayBeMissing)) {
            to.accept(more);
        }
    }
}
