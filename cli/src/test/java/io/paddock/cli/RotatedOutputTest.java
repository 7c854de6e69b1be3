package io.paddock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.paddock.client.testkit.InMemoryMaster;
import io.paddock.client.testkit.TaskScript;
import io.paddock.proto.v1.TaskState;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Outputs that their agent rotates between any two of our requests. */
class RotatedOutputTest {
    private static final int ENOUGH = 30;

    private final CannedServer agent = new CannedServer();
    private final List<String> losses = new ArrayList<>();
    private String directory = "/frameworks/f/executors/t/runs/latest/";
    private final List<String> parts = new ArrayList<>(); // the newest first
    private String written = "";
    private int line;
    private int asked;

    @AfterEach
    void close() {
        agent.close();
    }

    private void write(int lines) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines; i++) {
            text.append("line ").append(line++).append(" – of many\n");
        }
        written += text;
        parts.set(0, parts.get(0) + text);
        show();
    }

    /** Keeps as many older parts as that. */
    private void rotate(int kept) {
        parts.add(0, "");
        while (parts.size() > kept + 1) {
            parts.remove(kept + 1);
        }
        show();
    }

    /** Empties the newest part and keeps nothing of it. */
    private void cut() {
        parts.set(0, "");
        show();
    }

    private void show() {
        for (int i = 0; i < parts.size(); i++) {
            agent.file(directory + "stdout" + (i == 0 ? "" : "." + i), parts.get(i));
        }
    }

    private void begin() {
        parts.clear();
        parts.add("");
        written = "";
        line = 0;
        asked = 0;
        losses.clear();
        for (int i = 1; i < 10; i++) {
            agent.noFile(directory + "stdout." + i);
        }
        agent.beforeRead((path, length) -> {});
        show();
    }

    private RotatedOutput output() {
        JsonHttp http = new JsonHttp("the agent", "http://" + agent.address(), "", null, null);
        return Sandbox.of(http, "f", "t", "t").output("stdout", losses::add);
    }

    private static String all(RotatedOutput output) {
        StringBuilder all = new StringBuilder();
        for (ByteString more = output.next(true); !more.isEmpty(); more = output.next(true)) {
            all.append(more.toStringUtf8());
        }
        return all.toString();
    }

    /** What happens at the requests with these numbers, in the thread of the server. */
    private void at(Map<Integer, Runnable> events) {
        agent.beforeRead(
                (path, length) -> events.getOrDefault(asked++, () -> {}).run());
    }

    @Test
    void nothingIsLostOrTornWheneverARotationComes() {
        for (int first = 0; first < ENOUGH; first++) {
            for (int second : new int[] {first + 1, first + 5, ENOUGH}) {
                begin();
                write(8000); // three and a half answers
                RotatedOutput output = output();
                Runnable turn = () -> {
                    rotate(5);
                    write(3000);
                };
                at(Map.of(first, turn, second, turn));
                StringBuilder read = new StringBuilder();
                while (asked <= ENOUGH) {
                    read.append(all(output));
                    write(10);
                }
                read.append(all(output));
                assertThat(read.toString().equals(written))
                        .as("rotated at the requests %d and %d", first, second)
                        .isTrue();
                assertThat(losses).isEmpty();
            }
        }
    }

    /** The new file is longer than the old one was when it was read: its size tells nothing. */
    @Test
    void aFileThatHasGrownAgainIsNotTakenForTheOldOne() {
        begin();
        write(100);
        RotatedOutput output = output();
        String read = all(output);
        write(50);
        rotate(5);
        write(400);
        assertThat(read + all(output)).isEqualTo(written);
        rotate(5);
        write(1000);
        rotate(5);
        write(2000);
        assertThat(read.length() + all(output).length()).isEqualTo(written.length() - line(100, 550));
        assertThat(losses).isEmpty();
    }

    private static int line(int from, int to) {
        return IntStream.range(from, to)
                .map(i -> ("line " + i + " – of many\n").length())
                .sum();
    }

    @Test
    void theEndIsFollowedAcrossARotation() {
        begin();
        write(100);
        rotate(1);
        write(100);
        RotatedOutput output = output();
        output.seekToEnd(2 * "line 100 – of many\n".getBytes(StandardCharsets.UTF_8).length);
        write(1);
        rotate(1);
        write(300);
        assertThat(all(output))
                .isEqualTo(written.substring(written.indexOf("line 198")))
                .startsWith("line 198 ");
        assertThat(losses).isEmpty();
    }

    @Test
    void whatIsGoneIsSaidToBe() {
        begin();
        write(8000);
        RotatedOutput output = output();
        String read = output.next(true).toStringUtf8();
        int unread = bytes(written) - bytes(read);
        cut();
        write(2);
        assertThat(all(output)).isEqualTo("line 8000 – of many\nline 8001 – of many\n");
        assertThat(losses)
                .containsExactly("at least " + unread
                        + " bytes of stdout are lost: the agent has cut the file and does not have them any more");
        losses.clear();
        rotate(1);
        write(1);
        rotate(1);
        write(1);
        rotate(1);
        write(1);
        assertThat(all(output)).isEqualTo("line 8003 – of many\nline 8004 – of many\n");
        assertThat(losses)
                .singleElement()
                .asString()
                .startsWith("some of stdout may be lost, how many bytes is not known");
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** As an agent does of a file that grew faster than it looks. */
    @Test
    void ofAPartThatIsOnlyTheEndOfOursNothingIsShownAgain() {
        for (int unread : new int[] {0, 500}) {
            begin();
            write(12_000 - unread);
            RotatedOutput output = output();
            String read = all(output);
            write(unread);
            rotate(5);
            parts.set(1, parts.get(1).substring(parts.get(1).indexOf("line 4000 ")));
            write(10);
            assertThat((read + all(output)).equals(written)).isTrue();
            assertThat(losses).isEmpty();
        }
    }

    /** What was read before a cut is not shown again, though it is still there. */
    @Test
    void aCutAfterARotationGoesOnInTheNewFile() {
        begin();
        write(10);
        rotate(3);
        write(10);
        RotatedOutput output = output();
        assertThat(all(output)).isEqualTo(written);
        cut();
        write(1);
        assertThat(all(output)).isEqualTo("line 20 – of many\n");
        assertThat(losses).hasSize(1);
    }

    /** An agent cuts the file first and then moves the others on: in between there is no {@code .1}, or an old one. */
    @Test
    void aRotationIsWaitedForUntilItIsDone() {
        begin();
        write(10);
        rotate(3);
        write(10);
        RotatedOutput output = output();
        String read = all(output);
        write(5);
        agent.file(directory + "stdout", "");
        agent.noFile(directory + "stdout.1");
        agent.file(directory + "stdout.2", parts.get(1));
        at(Map.of(8, () -> {
            rotate(3);
            write(1);
        }));
        assertThat(read + all(output)).isEqualTo(written);
        assertThat(losses).isEmpty();
    }

    @Test
    void aRunShowsAllOfARotatedOutput() {
        begin();
        try (InMemoryMaster master = InMemoryMaster.start()) {
            master.addAgent("127.0.0.1", agent.port(), "cpus:1;mem:512", Map.of());
            master.script(task -> {
                directory = "/frameworks/" + master.frameworks().get(0).getId().getValue() + "/executors/"
                        + task.getTaskId().getValue() + "/runs/latest/";
                agent.file(directory + "stderr", "");
                write(3000);
                rotate(5);
                write(6000);
                at(Map.of(12, () -> {
                    rotate(5);
                    write(10);
                }));
                return TaskScript.runs().then(Duration.ofMillis(50), TaskState.TASK_FINISHED, "");
            });
            Invocation run = Invocation.of(Map.of("PADDOCK_MASTER", master.address()), "run", "job");
            assertThat(run.out().equals(written)).isTrue();
            assertThat(run.err()).isEmpty();
            assertThat(run.status()).isZero();
        }
    }
}
