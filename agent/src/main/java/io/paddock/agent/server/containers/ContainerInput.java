package io.paddock.agent.server.containers;

import java.io.OutputStream;

/** Where the input of a process goes, and its terminal's size. */
public interface ContainerInput {
    /** The process's input. Writing blocks while the process does not read: use a thread made for it. */
    OutputStream stdin();

    /** Changes the terminal's size; nothing without one. */
    void resize(int rows, int columns);
}
