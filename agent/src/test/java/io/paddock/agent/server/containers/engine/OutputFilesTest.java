package io.paddock.agent.server.containers.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Limits;
import io.paddock.proto.v1.CommandInfo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFilesTest {
    private static final int BOUND = 20;

    @TempDir
    private Path directory;

    private Path sandbox;
    private Held container;
    private Executor compressing = Runnable::run;
    private final OutputFiles outputs =
            new OutputFiles(new OutputBound(BOUND, 4), compression -> compressing.execute(compression));

    @BeforeEach
    void make() throws IOException {
        sandbox = Files.createDirectory(directory.resolve("sandbox"));
        ContainerSpec spec = new ContainerSpec(
                ContainerIds.of("c"),
                Optional.of(CommandInfo.getDefaultInstance()),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                sandbox,
                Limits.NONE,
                List.of());
        ContainerRecord record = Records.of(directory.resolve("containers"), "c");
        Files.createDirectory(directory.resolve("exits"));
        record.create(spec);
        container = new Held(spec, record, Set.of());
    }

    private static String more(char letter) {
        return String.valueOf(letter).repeat(BOUND + 1);
    }

    private void write(char letter) {
        try {
            Files.writeString(sandbox.resolve("stdout"), more(letter));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private String kept(int number) throws IOException {
        try (InputStream content =
                new GZIPInputStream(Files.newInputStream(sandbox.resolve("stdout." + number + ".gz")))) {
            return new String(content.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    /** Looks come from the upkeep, from what watches the disk, and from the end of the container. */
    @Test
    void aFileThatSomebodyIsAtIsLeftToThem() throws IOException {
        compressing = compression -> {
            compression.run();
            compressing = Runnable::run;
            write('b');
            outputs.lookAtLast(container);
        };
        write('a');
        outputs.look(container);
        assertThat(kept(1)).isEqualTo(more('a'));
        assertThat(sandbox.resolve("stdout.2.gz")).doesNotExist();
        assertThat(sandbox.resolve("stdout")).hasContent(more('b'));

        outputs.lookAtLast(container);
        assertThat(kept(1)).isEqualTo(more('b'));
        assertThat(kept(2)).isEqualTo(more('a'));
        assertThat(sandbox.resolve("stdout")).isEmptyFile();
        outputs.lookAtLast(container);
        assertThat(sandbox.resolve("stdout.3.gz")).doesNotExist();
    }

    @Test
    void whatIsFullAgainWithinSecondsIsCut() throws IOException {
        write('a');
        outputs.look(container);
        write('b');
        outputs.look(container);
        assertThat(sandbox.resolve("stdout")).isEmptyFile();
        assertThat(kept(1)).isEqualTo(more('a'));
        assertThat(sandbox.resolve("stdout.2.gz")).doesNotExist();
    }

    /** Nobody writes into it any more. */
    @Test
    void whatWasWrittenLastStaysAlsoWhenWhatCameBeforeIsStillCompressed() throws IOException {
        compressing = compression -> {};
        write('a');
        outputs.look(container);
        write('b');
        outputs.lookAtLast(container);
        assertThat(sandbox.resolve("stdout")).hasContent(more('b'));
        assertThat(sandbox.resolve("stdout.1")).hasContent(more('a'));
    }
}
