package io.paddock.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreesTest {
    @TempDir
    Path directory;

    private Path root;
    private Path outside;

    @BeforeEach
    void make() throws Exception {
        root = Files.createDirectories(directory.resolve("root"));
        outside = Files.createDirectories(directory.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "x");
        Files.createDirectories(root.resolve("a/b"));
        Files.writeString(root.resolve("a/b/file"), "x");
        Files.createSymbolicLink(root.resolve("link"), outside);
    }

    @Test
    void visitsAllOfATreeInsideOut() throws Exception {
        List<String> visited = new ArrayList<>();
        try (PathBelow opened = PathBelow.find(root, Path.of(""))) {
            Trees.visit(opened, file -> visited.add(file.getFileName().toString()));
        }
        assertThat(visited).containsExactlyInAnyOrder("link", "file", "b", "a");
        assertThat(visited.indexOf("file")).isLessThan(visited.indexOf("b"));
        assertThat(visited.indexOf("b")).isLessThan(visited.indexOf("a"));
    }

    /** A task may do that between the look at a directory and the way into it. */
    @Test
    void aLinkInPlaceOfADirectoryIsNotFollowed() throws Exception {
        List<Path> visited = new ArrayList<>();
        try (PathBelow opened = PathBelow.find(root, Path.of(""))) {
            Trees.visit(opened, file -> {
                if (file.endsWith("link")) {
                    Files.move(root.resolve("a"), root.resolve("a-before"));
                    Files.createSymbolicLink(root.resolve("a"), outside);
                }
                visited.add(file.getFileName());
            });
        }
        assertThat(visited).containsExactlyInAnyOrder(Path.of("link"), Path.of("a"));
    }

    @Test
    void deletesLinksNotWhereTheyLead() throws Exception {
        Trees.delete(directory, Path.of("root"));
        assertThat(root).doesNotExist();
        assertThat(outside.resolve("secret")).exists();
        Trees.delete(directory, Path.of("root"));
        Trees.delete(root, Path.of("none"));
        Files.createSymbolicLink(directory.resolve("link"), outside);
        assertThatThrownBy(() -> Trees.delete(directory, Path.of("link/secret")))
                .hasMessageContaining("link: is a link, which is not followed");
        assertThatThrownBy(() -> Trees.delete(outside, Path.of("../outside/secret")))
                .hasMessageContaining("leads out of");
        assertThat(outside.resolve("secret")).exists();
    }

    private void makeDeep(int levels) throws Exception {
        Path deep = root;
        for (int i = 0; i < levels; i++) {
            deep = Files.createDirectory(deep.resolve("d"));
        }
        Files.writeString(deep.resolve("file"), "x");
    }

    @Test
    void aTreeWithoutEndIsNotFollowedToIt() throws Exception {
        makeDeep(501);
        List<Path> visited = new ArrayList<>();
        try (PathBelow opened = PathBelow.find(root, Path.of(""))) {
            assertThatThrownBy(() -> Trees.visit(opened, file -> visited.add(file.getFileName())))
                    .hasMessageStartingWith(root.toRealPath() + "/d/d/d/")
                    .hasMessageEndingWith("is more than 500 directories deep");
        }
        assertThat(visited).contains(Path.of("a"), Path.of("link"));
    }

    /** A task may do that to keep its disk. */
    @Test
    void aTreeWithoutEndIsDeleted() throws Exception {
        makeDeep(1100);
        Trees.delete(directory, Path.of("root"));
        assertThat(root).doesNotExist();
        assertThat(outside.resolve("secret")).exists();
    }

    @Test
    void whatCannotBeDeletedKeepsNothingElse() throws Exception {
        Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "only root mounts");
        Path mounted = root.resolve("a/b/mounted");
        Files.createDirectories(mounted);
        Linux.mount("none", mounted, "tmpfs", 0, null);
        try {
            assertThatThrownBy(() -> Trees.delete(directory, Path.of("root")))
                    .hasMessageStartingWith(root.toRealPath() + "/a/b/mounted: ");
            assertThat(mounted).isDirectory();
            assertThat(root.resolve("a/b/file")).doesNotExist();
            assertThat(root.resolve("link")).doesNotExist();
        } finally {
            Linux.unmount(mounted, 0);
        }
    }
}
