package io.paddock.agent.server.containers.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.server.containers.ContainerPolicy;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Records;
import io.paddock.platform.linux.PathBelow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostPathsTest {
    private static final String WHERE = "the field";

    @TempDir
    Path temporary;

    private Path directory;
    private Path allowed;
    private Path outside;
    private ContainerRecord record;
    private HeldPaths held;
    private HostPaths paths;

    @BeforeEach
    void make() throws IOException {
        directory = temporary.toRealPath();
        allowed = Files.createDirectories(directory.resolve("allowed"));
        outside = Files.createDirectories(directory.resolve("outside"));
        record = Records.of(directory.resolve("containers"), "c");
        held = new HeldPaths(directory.resolve("places"));
        paths = bounded(allowed);
    }

    private HostPaths bounded(Path... bounds) {
        return new HostPaths(
                ContainerPolicy.builder().hostPaths(List.of(bounds)).build(), held);
    }

    @Test
    void aLinkThatIsMadeAfterTheJudgementIsNotFollowed() throws Exception {
        Files.createDirectories(allowed.resolve("some/where"));
        HostPaths.Judged whole = paths.judge(allowed + "/some", false, WHERE);
        HostPaths.Judged deep = paths.judge(allowed + "/some/where", false, WHERE);
        Files.createDirectories(outside.resolve("where"));
        Files.move(allowed.resolve("some"), allowed.resolve("moved"));
        Files.createSymbolicLink(allowed.resolve("some"), outside);
        for (HostPaths.Judged judged : List.of(whole, deep)) {
            assertThatThrownBy(judged::open).hasMessage(allowed.resolve("some") + ": is a link, which is not followed");
        }
    }

    @Test
    void nothingIsMadeBehindALinkThatIsMadeAfterTheJudgement() throws Exception {
        HostPaths.Judged missing = paths.judge(allowed + "/new/deep", true, WHERE);
        assertThat(allowed).isEmptyDirectory();
        Files.createSymbolicLink(allowed.resolve("new"), outside);
        assertThatThrownBy(missing::open).hasMessage(allowed.resolve("new") + ": is a link, which is not followed");
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void whatGoesAfterTheJudgementIsNotMade() throws Exception {
        Files.createDirectories(allowed.resolve("some"));
        HostPaths.Judged judged = paths.judge(allowed + "/some", false, WHERE);
        Files.delete(allowed.resolve("some"));
        assertThatThrownBy(judged::open).isInstanceOf(NoSuchFileException.class);
        assertThat(allowed).isEmptyDirectory();
    }

    @Test
    void makesWhatIsMissingAndFollowsLinksThatStayInside() throws Exception {
        Files.createDirectories(allowed.resolve("versions/1"));
        Files.createSymbolicLink(allowed.resolve("current"), Path.of("versions/1"));
        try (PathBelow opened =
                paths.judge(allowed + "/current/new", true, WHERE).open()) {
            assertThat(opened.made()).isTrue();
        }
        Path made = allowed.resolve("versions/1/new");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                .isEqualTo("rwxr-xr-x");
        Files.createSymbolicLink(allowed.resolve("dangling"), outside.resolve("new"));
        assertThatThrownBy(() -> paths.find(record, "v", allowed + "/dangling", true, WHERE))
                .hasMessage(WHERE + ": " + allowed.resolve("dangling") + ": is a link, which is not followed");
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void whatIsFoundIsHeld() throws Exception {
        Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "only root mounts");
        Path volume = Files.createDirectories(allowed.resolve("volume"));
        Files.writeString(volume.resolve("file"), "x");
        try {
            Path whole = paths.find(record, "whole", volume.toString(), false, WHERE);
            Path file = paths.find(record, "file", volume + "/file", false, WHERE);
            Files.move(volume, allowed.resolve("moved"));
            Files.createSymbolicLink(volume, outside);
            assertThat(whole.resolve("file")).hasContent("x");
            assertThat(file).hasContent("x");
        } finally {
            held.cleanup(record);
        }
        assertThat(allowed.resolve("moved/file")).hasContent("x");
    }

    /** Held, it would hold itself, and all that is held for others. */
    @Test
    void whatLeadsToThePlacesIsShownAsItIs() throws Exception {
        HostPaths all = bounded(Path.of("/"));
        assertThat(all.find(record, "root", "/", false, WHERE)).isEqualTo(Path.of("/"));
        assertThat(all.find(record, "above", directory.toString(), false, WHERE))
                .isEqualTo(directory);
        assertThat(bounded().find(record, "v", allowed.toString(), false, WHERE))
                .isEqualTo(allowed);
    }
}
