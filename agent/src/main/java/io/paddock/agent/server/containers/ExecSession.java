package io.paddock.agent.server.containers;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletionStage;

/**
 * A process started by {@link Containers#exec}. The streams block: read them on a thread made for it, to their end, or
 * the process stalls. It dies with the container, with {@link #kill}, and with the agent: if that
 * is killed, when the next one starts.
 */
public interface ExecSession extends ContainerInput {
    /** The process's input; closing it means end of file. */
    @Override
    OutputStream stdin();

    /** The process's output; with a terminal all that it shows. */
    InputStream stdout();

    /** Empty with a terminal. */
    InputStream stderr();

    /** Completes when the process has ended. */
    CompletionStage<Exit> exited();

    /** Ends the process and its descendants at once; repeatable. */
    void kill();
}
