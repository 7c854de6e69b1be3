package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Rules of style that a machine can check, over the sources of all modules. */
class TidyTest {
    private static final int MOST_LINES = 450;
    private static final Pattern EMPTY_WORD = Pattern.compile(".*(Manager|Helper|Utils?|Impl|Base|Common)\\.java");
    /** Others may be writing there while this runs. */
    private static final Set<String> NO_SOURCES = Set.of("target", ".git", "node_modules");

    private static final Pattern UNFINISHED = Pattern.compile("\\b(TODO|FIXME|XXX)\\b");

    @Test
    void everyPackageSaysWhatItIs() {
        assertThat(sources("src/main/java").stream().map(Path::getParent).distinct())
                .isNotEmpty()
                .allSatisfy(directory ->
                        assertThat(directory.resolve("package-info.java")).exists());
    }

    @Test
    void namesSayWhatAClassIsNotThatItHelps() {
        assertThat(sources("src/main/java"))
                .noneMatch(file -> EMPTY_WORD.matcher(file.toString()).matches());
    }

    @Test
    void aFileHasOneIdea() {
        assertThat(sources("src/main/java"))
                .allSatisfy(file ->
                        assertThat(text(file).lines()).as(file.toString()).hasSizeLessThanOrEqualTo(MOST_LINES));
    }

    @Test
    void nothingIsLeftForLater() {
        assertThat(sources("src"))
                .filteredOn(file -> !file.endsWith("TidyTest.java"))
                .allSatisfy(file -> assertThat(UNFINISHED.matcher(text(file)).find())
                        .as(file.toString())
                        .isFalse());
    }

    /** The Java files of all modules below a folder of theirs. */
    private static List<Path> sources(String folder) {
        Path root = Path.of("..").toAbsolutePath().normalize();
        List<Path> sources = new ArrayList<>();
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    return NO_SOURCES.contains(directory.getFileName().toString())
                            ? FileVisitResult.SKIP_SUBTREE
                            : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    String relative = root.relativize(file).toString();
                    if (relative.endsWith(".java") && relative.contains(folder + "/")) {
                        sources.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sources;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
