package io.paddock.client.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class GuideTest {
    private static final Path GUIDE = Path.of("../../docs/writing-a-framework.md");
    private static final Path SOURCE = Path.of("src/test/java/io/paddock/client/example/EchoTexts.java");

    @Test
    void itsCodeIsThatOfTheExample() throws IOException {
        List<String> blocks = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(GUIDE))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(blocks).isNotEmpty();
        assertThat(blocks)
                .allSatisfy(block -> assertThat(Files.readString(SOURCE)).contains(block));
    }

    @Test
    void itsLinksLeadSomewhere() throws IOException {
        Matcher links = Pattern.compile("]\\(([^)#]+)\\)").matcher(Files.readString(GUIDE));
        int found = 0;
        while (links.find()) {
            assertThat(GUIDE.resolveSibling(links.group(1))).exists();
            found++;
        }
        assertThat(found).isPositive();
    }
}
