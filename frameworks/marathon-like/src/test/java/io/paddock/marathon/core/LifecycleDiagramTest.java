package io.paddock.marathon.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.marathon.core.instance.Condition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The diagram in the documentation is that of the code; {@code -Dgolden.update} writes it anew. */
class LifecycleDiagramTest {
    private static final Path DIAGRAM = Path.of("../..", "docs", "lifecycles", "marathon-instance.mmd");

    @Test
    void theDocumentedLifecycleIsTheDeclaredOne() throws IOException {
        String declared = Condition.LIFECYCLE.toMermaid();
        if (System.getProperty("golden.update") != null) {
            Files.writeString(DIAGRAM, declared);
        }
        assertThat(DIAGRAM).hasContent(declared.strip());
    }
}
