package io.paddock.cli;

import picocli.CommandLine.IExitCodeGenerator;

/** Nobody reads what we write any more, as after {@code | head}: we end without a word, as a signal would have ended us. */
final class OutputClosed extends OutputFailed implements IExitCodeGenerator {
    private static final long serialVersionUID = 1;

    private static final int SIGPIPE = 13;

    OutputClosed() {
        super("nobody reads the output any more");
    }

    @Override
    public int getExitCode() {
        return 128 + SIGPIPE;
    }
}
