package io.paddock.agent.server.containers.tools;

import java.io.IOException;
import java.util.List;

/** A tool ended with an error; the message has its own words. */
public final class ToolFailure extends IOException {
    private static final long serialVersionUID = 1L;

    private final String output;

    public ToolFailure(List<String> argv, String what, String output) {
        super(argv.get(0) + " " + what + (output.isBlank() ? "" : ": " + output.strip()));
        this.output = output;
    }

    /** What the tool printed. */
    public String output() {
        return output;
    }
}
