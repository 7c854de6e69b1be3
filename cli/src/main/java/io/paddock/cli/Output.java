package io.paddock.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.protobuf.ByteString;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** How a command answers: a table for people, JSON for programs. */
final class Output {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Spec(Spec.Target.MIXEE)
    CommandSpec command = CommandSpec.create();

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Print JSON instead of a table.")
    boolean json;

    PrintWriter out() {
        return command.commandLine().getOut();
    }

    PrintWriter err() {
        return command.commandLine().getErr();
    }

    void line(String text) {
        text(text + System.lineSeparator());
    }

    /** Text as it is. */
    void text(String text) {
        print("standard output", out(), System.out, text);
    }

    /** What another program has written, be it text or not. */
    void bytes(ByteString bytes) {
        print("standard output", out(), System.out, bytes);
    }

    /** As {@link #bytes}, on standard error. */
    void errorBytes(ByteString bytes) {
        print("standard error", err(), System.err, bytes);
    }

    private static void print(String name, PrintWriter writer, PrintStream below, ByteString bytes) {
        if (bytes.isValidUtf8()) {
            print(name, writer, below, bytes.toStringUtf8());
        } else {
            writer.flush();
            below.writeBytes(bytes.toByteArray()); // a writer would replace what is no text
            print(name, writer, below, "");
        }
    }

    /** Neither a writer nor the stream below it throws when it cannot write. */
    private static void print(String name, PrintWriter writer, PrintStream below, String text) {
        writer.print(text);
        if (writer.checkError() || below.checkError()) {
            throw OutputFailed.of(name, StandardStream.failure(below));
        }
    }

    /** A remark for people, beside the answer, which does not fail where nobody can read it. */
    void note(String text) {
        err().println(text);
        err().flush();
    }

    void table(Table table) {
        text(table.render(Terminal.ofThisProcess()));
    }

    /** What was asked for; the table is made only where it is shown. */
    int answer(JsonNode json, Supplier<Table> table) {
        if (this.json) {
            json(json);
        } else {
            table(table.get());
        }
        return 0;
    }

    /** That something was done: {@code stopped web.1}, as JSON {@code {"stopped": "web.1"}}. */
    int done(String word, String name) {
        if (json) {
            json(JsonNodeFactory.instance.objectNode().put(word, name));
        } else {
            line(word + " " + name);
        }
        return 0;
    }

    void json(JsonNode value) {
        try {
            line(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("JSON that was just read cannot be written", e);
        }
    }
}
