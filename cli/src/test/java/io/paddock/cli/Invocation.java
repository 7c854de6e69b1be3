package io.paddock.cli;

import io.paddock.platform.flags.Flags;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.Map;
import picocli.CommandLine;

/** What a command printed and how it ended. */
record Invocation(int status, String out, String err) {
    /** Runs a verb as the launcher does. */
    static Invocation of(Map<String, String> environment, String... words) {
        CommandLine line = Flags.commandLine(ClientCommands.all().get(words[0]).get(), environment);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        int status = line.execute(Arrays.copyOfRange(words, 1, words.length));
        return new Invocation(status, out.toString(), err.toString());
    }
}
