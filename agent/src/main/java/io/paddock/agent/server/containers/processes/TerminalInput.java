package io.paddock.agent.server.containers.processes;

import io.paddock.agent.server.containers.ContainerInput;
import io.paddock.agent.server.containers.recipe.Terminal;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The input of a container with a terminal: a named pipe that the terminal's holder reads, also while no agent is there. */
public final class TerminalInput implements ContainerInput {
    /** The pipe's name in the directory of a container's record. */
    public static final String PIPE = "input";

    private final Path directory;
    private final OutputStream stdin;

    private TerminalInput(Path directory, OutputStream stdin) {
        this.directory = directory;
        this.stdin = stdin;
    }

    /** Writing fails once the holder has ended. */
    public static TerminalInput open(Path directory) throws IOException {
        Path pipe = directory.resolve(PIPE);
        // Opening for writing alone would wait for a reader, and for ever if the holder has just ended.
        try (RandomAccessFile reader = new RandomAccessFile(pipe.toFile(), "rw")) {
            FileChannel channel = FileChannel.open(pipe, StandardOpenOption.WRITE);
            return new TerminalInput(directory, Channels.newOutputStream(channel));
        }
    }

    @Override
    public OutputStream stdin() {
        return stdin;
    }

    @Override
    public void resize(int rows, int columns) {
        Terminal.resize(directory, rows, columns);
    }
}
