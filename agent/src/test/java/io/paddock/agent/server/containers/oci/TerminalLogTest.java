package io.paddock.agent.server.containers.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TerminalLogTest {
    @TempDir
    private Path directory;

    private Path stdout;
    private int second;

    @BeforeEach
    void makeSandbox() throws IOException {
        stdout = Files.createFile(directory.resolve("stdout"));
    }

    private TerminalLog open() throws IOException {
        return new TerminalLog(directory.resolve("log"), directory.resolve("progress"), stdout);
    }

    private String line(String kind, String text) {
        return String.format("2026-11-28T19:45:%02d.745182911+00:00 stdout %s %s%n", second++, kind, text);
    }

    private void logged(String text) throws IOException {
        Files.writeString(directory.resolve("log"), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** As the monitor does when a log is full. */
    private void replace(String text) throws IOException {
        Path other = Files.writeString(directory.resolve("log.tmp"), text);
        Files.move(other, directory.resolve("log"), StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void copiesLinesAndPartsOfLines() throws IOException {
        try (TerminalLog log = open()) {
            log.copyAll();
            logged(line("F", "one\\r") + line("P", "$ "));
            log.copyAll();
            assertThat(stdout).hasContent("one\\r\n$ ");
            String two = line("F", "two");
            logged(two.substring(0, 20));
            log.copyAll();
            logged(two.substring(20) + line("F", ""));
            log.copyAll();
            assertThat(Files.readString(stdout)).isEqualTo("one\\r\n$ two\n\n");
        }
    }

    @Test
    void passesOverLinesThatAFullDiskCutShort() throws IOException {
        try (TerminalLog log = open()) {
            logged(line("F", "one") + "2026-11-28T19\n\n" + line("F", "two"));
            log.copyAll();
            assertThat(stdout).hasContent("one\ntwo\n");
        }
    }

    @Test
    void goesOnWhereAnEarlierAgentHasLeftOff() throws IOException {
        logged(line("F", "one") + line("P", "tw"));
        try (TerminalLog log = open()) {
            log.copyAll();
        }
        logged(line("F", "o"));
        try (TerminalLog log = open()) {
            log.copyAll();
            logged(line("F", "three"));
            log.copyAll();
        }
        assertThat(Files.readString(stdout)).isEqualTo("one\ntwo\nthree\n");
    }

    @Test
    void aReplacedLogIsReadToItsEndAndThenTheNewOne() throws IOException {
        logged(line("F", "one"));
        try (TerminalLog log = open()) {
            log.copyAll();
            logged(line("F", "two"));
            replace(line("F", "three"));
            logged(line("F", "four"));
            log.copyAll();
            assertThat(Files.readString(stdout)).isEqualTo("one\ntwo\nthree\nfour\n");
        }
        replace(line("F", "five"));
        try (TerminalLog log = open()) {
            log.copyAll();
        }
        assertThat(Files.readString(stdout)).isEqualTo("one\ntwo\nthree\nfour\nfive\n");
    }

    @Test
    void whatWasCutStaysCut() throws IOException {
        logged(line("F", "one"));
        try (TerminalLog log = open()) {
            log.copyAll();
            Files.writeString(stdout, "");
            logged(line("F", "two"));
            log.copyAll();
        }
        assertThat(Files.readString(stdout)).isEqualTo("two\n");
    }

    @Test
    void largeLogsAreCopiedInPieces() throws IOException {
        StringBuilder text = new StringBuilder();
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            second = i % 60;
            text.append(line(i % 3 == 0 ? "P" : "F", "x".repeat(i * 8)));
            expected.append("x".repeat(i * 8)).append(i % 3 == 0 ? "" : "\n");
        }
        logged(text.toString());
        try (TerminalLog log = open()) {
            assertThat(log.copy()).isTrue();
            log.copyAll();
        }
        assertThat(Files.readString(stdout).contentEquals(expected)).isTrue();
    }

    @Test
    void writesNowhereButIntoAFile() throws IOException {
        Files.delete(stdout);
        Files.createSymbolicLink(stdout, Files.createFile(directory.resolve("elsewhere")));
        assertThatThrownBy(this::open).hasMessageContaining("is no file any more");
    }
}
