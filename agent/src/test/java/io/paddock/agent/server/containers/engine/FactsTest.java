package io.paddock.agent.server.containers.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FactsTest {
    @TempDir
    private Path directory;

    @Test
    void areFoundByName() throws IOException {
        Path file = directory.resolve("facts");
        Facts facts = new Facts(file);
        assertThat(facts.read("one")).isEmpty();
        Files.createFile(file);
        facts.add("one", TextNode.valueOf("1\n1"));
        facts.add("two", TextNode.valueOf("2"));
        assertThat(facts.read("one")).contains(TextNode.valueOf("1\n1"));
        assertThat(facts.read("two")).contains(TextNode.valueOf("2"));
        assertThat(facts.read("three")).isEmpty();
    }

    /** Wherever the writer was killed: what was whole before stays, the rest is as if it had never been, and can be added again. */
    @Test
    void thatWereCutOffCountForNothing() throws IOException {
        Path whole = Files.createFile(directory.resolve("whole"));
        Facts complete = new Facts(whole);
        complete.add("one", TextNode.valueOf("1"));
        int first = (int) Files.size(whole);
        complete.add("two", TextNode.valueOf("2"));
        byte[] bytes = Files.readAllBytes(whole);
        for (int length = first; length < bytes.length; length++) {
            Path file = directory.resolve("cut-" + length);
            Files.write(file, java.util.Arrays.copyOf(bytes, length), StandardOpenOption.CREATE_NEW);
            Facts facts = new Facts(file);
            assertThat(facts.read("two")).as("%d bytes", length).isEmpty();
            assertThat(facts.read("one")).as("%d bytes", length).contains(TextNode.valueOf("1"));
            facts.add("two", TextNode.valueOf("again"));
            assertThat(facts.read("one")).contains(TextNode.valueOf("1"));
            assertThat(facts.read("two")).contains(TextNode.valueOf("again"));
        }
    }

    /** What a file system may make of blocks that were not written when the machine ended. */
    @Test
    void thatTheMachinesEndToreCountForNothing() throws IOException {
        Path file = Files.createFile(directory.resolve("torn"));
        Facts facts = new Facts(file);
        facts.add("one", TextNode.valueOf("1"));
        int first = (int) Files.size(file);
        facts.add("two", TextNode.valueOf("2"));
        byte[] bytes = Files.readAllBytes(file);
        java.util.Arrays.fill(bytes, 0, first - 1, (byte) 0);
        Files.write(file, bytes);
        assertThat(facts.read("one")).isEmpty();
        assertThat(facts.read("two")).contains(TextNode.valueOf("2"));
        facts.add("three", TextNode.valueOf("3"));
        assertThat(facts.read("three")).contains(TextNode.valueOf("3"));
    }
}
