package io.paddock.agent.server.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.platform.linux.Linux;
import io.paddock.proto.checkpoint.FrameworkRemoved;
import io.paddock.proto.checkpoint.Record;
import io.paddock.proto.v1.FrameworkID;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointLogTest {
    @TempDir
    Path directory;

    private static Record record(int n) {
        return Record.newBuilder()
                .setFrameworkRemoved(FrameworkRemoved.newBuilder()
                        .setFrameworkId(FrameworkID.newBuilder().setValue("framework-" + n)))
                .build();
    }

    private static List<Record> records(int from, int to) {
        List<Record> records = new ArrayList<>();
        for (int n = from; n < to; n++) {
            records.add(record(n));
        }
        return records;
    }

    /** Without the zeros that keep room. */
    private static byte[] frames(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        return java.util.Arrays.copyOf(bytes, end);
    }

    private List<Record> reopen() throws IOException {
        CheckpointLog.Opened opened = CheckpointLog.open(directory);
        opened.log().close();
        return opened.records();
    }

    @Test
    void givesBackWhatWasAppended() throws Exception {
        CheckpointLog log = CheckpointLog.open(directory).log();
        log.append(records(0, 3)).toCompletableFuture().join();
        log.appendLazily(records(3, 4));
        log.append(records(4, 6)).toCompletableFuture().join();
        log.close();
        assertThat(reopen()).isEqualTo(records(0, 6));
    }

    @Test
    void cutAtAnyByteItHoldsAPrefixAndGoesOn() throws Exception {
        CheckpointLog log = CheckpointLog.open(directory).log();
        log.append(records(0, 3)).toCompletableFuture().join();
        log.close();
        Path file = directory.resolve("agent.log");
        byte[] whole = frames(file);
        int frame = whole.length / 3;
        for (int length = 0; length <= whole.length; length++) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            CheckpointLog.Opened opened = CheckpointLog.open(directory);
            assertThat(opened.records()).as("cut at " + length).isEqualTo(records(0, length / frame));
            opened.log().append(records(100, 101)).toCompletableFuture().join();
            opened.log().close();
            List<Record> expected = new ArrayList<>(records(0, length / frame));
            expected.add(record(100));
            assertThat(reopen()).as("continued after " + length).isEqualTo(expected);
        }
    }

    @Test
    void damageIsNeverReadAsARecord() throws Exception {
        CheckpointLog log = CheckpointLog.open(directory).log();
        log.append(records(0, 8)).toCompletableFuture().join();
        log.close();
        Path file = directory.resolve("agent.log");
        byte[] whole = frames(file);
        int frame = whole.length / 8;
        Random random = new Random(7);
        for (int round = 0; round < 50; round++) {
            byte[] damaged = whole.clone();
            int at = random.nextInt(damaged.length);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, damaged);
            assertThat(reopen()).as("seed 7, byte " + at).isEqualTo(records(0, at / frame));
        }
    }

    @Test
    void rewritingReplacesEverythingBeforeAndNothingAfter() throws Exception {
        CheckpointLog log = CheckpointLog.open(directory).log();
        log.append(records(0, 5));
        log.rewrite(records(50, 52));
        log.append(records(5, 7)).toCompletableFuture().join();
        log.close();
        List<Record> expected = new ArrayList<>(records(50, 52));
        expected.addAll(records(5, 7));
        assertThat(reopen()).isEqualTo(expected);
        assertThat(Files.exists(directory.resolve("agent.log.next"))).isFalse();
    }

    @Test
    void whatFollowsARewriteWaitsUntilItsNameIsOnTheDisk() throws Exception {
        AtomicBoolean broken = new AtomicBoolean();
        CheckpointLog log = CheckpointLog.open(directory, names -> {
                    if (broken.get()) {
                        throw new IOException("Input/output error");
                    }
                })
                .log();
        log.append(records(0, 5)).toCompletableFuture().join();
        broken.set(true);
        log.rewrite(records(50, 52));
        CompletableFuture<Void> after = log.append(records(5, 7)).toCompletableFuture();
        Awaitility.await().untilAsserted(() -> assertThat(log.trouble()).contains("Input/output error"));
        assertThat(after).isNotDone();

        broken.set(false);
        after.join();
        assertThat(log.trouble()).isNull();
        log.close();
        List<Record> expected = new ArrayList<>(records(50, 52));
        expected.addAll(records(5, 7));
        assertThat(reopen()).isEqualTo(expected);
    }

    @Test
    void aRewriteThatFailsAndCannotBeUndoneLeavesTheLogAsItIs() throws Exception {
        CheckpointLog log = CheckpointLog.open(directory).log();
        log.append(records(0, 5)).toCompletableFuture().join();
        Files.createDirectories(directory.resolve("agent.log.next/that/stays"));
        log.rewrite(records(50, 52)).toCompletableFuture().join();
        log.append(records(5, 7)).toCompletableFuture().join();
        log.close();
        assertThat(reopen()).isEqualTo(records(0, 7));
    }

    @Test
    void askedForWhenMostIsHistory() throws Exception {
        CheckpointLog log = CheckpointLog.open(directory).log();
        assertThat(log.isWorthRewriting()).isFalse();
        log.append(records(0, 200_000)).toCompletableFuture().join();
        assertThat(log.isWorthRewriting()).isTrue();
        log.rewrite(records(0, 1)).toCompletableFuture().join();
        assertThat(log.isWorthRewriting()).isFalse();
        log.close();
    }

    private Path smallDisk() throws IOException {
        Path disk = Files.createDirectories(directory.resolve("disk"));
        try {
            Linux.mount("tmpfs", disk, "tmpfs", 0, "size=4m");
        } catch (IOException e) {
            Assumptions.abort("may not mount: " + e.getMessage());
        }
        return disk;
    }

    @Test
    void aFullDiskDelaysAndLosesNothing() throws Exception {
        Path disk = smallDisk();
        try {
            CheckpointLog log = CheckpointLog.open(disk.resolve("meta")).log();
            log.append(records(0, 10)).toCompletableFuture().join();
            Path rest = disk.resolve("rest");
            assertThatThrownBy(() -> Files.write(rest, new byte[4 << 20])).isInstanceOf(IOException.class);

            // there is room for a while
            log.append(records(10, 20)).toCompletableFuture().join();
            assertThat(log.trouble()).isNull();
            log.rewrite(records(0, 20)).toCompletableFuture().join();
            CompletableFuture<Void> much = log.append(records(20, 50_000)).toCompletableFuture();
            Awaitility.await().untilAsserted(() -> assertThat(log.trouble()).contains("No space left"));
            log.appendLazily(records(50_000, 50_001));
            CompletableFuture<Void> after = log.append(records(50_001, 50_002)).toCompletableFuture();
            assertThat(much).isNotDone();

            Files.delete(rest);
            much.join();
            after.join();
            assertThat(log.trouble()).isNull();
            log.close();
            CheckpointLog.Opened opened = CheckpointLog.open(disk.resolve("meta"));
            opened.log().close();
            assertThat(opened.records()).isEqualTo(records(0, 50_002));
        } finally {
            Linux.unmountIfMounted(disk, Linux.MNT_DETACH);
        }
    }

    private static byte[] framesIn(Path disk) {
        try {
            return frames(disk.resolve("meta/agent.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void itIsClosedWhileItCannotBeWritten() throws Exception {
        Path disk = smallDisk();
        try {
            CheckpointLog log = CheckpointLog.open(disk.resolve("meta")).log();
            log.append(records(0, 10)).toCompletableFuture().join();
            byte[] before = framesIn(disk);
            CompletableFuture<byte[]> whenTold = new CompletableFuture<>();
            log.whenInTrouble(why -> whenTold.complete(framesIn(disk)));
            CompletableFuture<Void> tooMuch = log.append(records(10, 200_000)).toCompletableFuture();
            assertThat(whenTold.join()).isEqualTo(before);
            log.close();
            assertThatThrownBy(tooMuch::join).hasMessageContaining("No space left");
            CheckpointLog.Opened opened = CheckpointLog.open(disk.resolve("meta"));
            opened.log().close();
            assertThat(opened.records()).as("nothing of what failed").isEqualTo(records(0, 10));
        } finally {
            Linux.unmountIfMounted(disk, Linux.MNT_DETACH);
        }
    }

    @Test
    void oneAgentAtATime() throws Exception {
        CheckpointLog log = CheckpointLog.open(directory).log();
        assertThatThrownBy(() -> CheckpointLog.open(directory)).hasMessageContaining("another agent uses");
        log.close();
        assertThat(reopen()).isEmpty();
    }
}
