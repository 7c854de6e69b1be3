package io.paddock.client.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.client.testkit.InMemoryMaster;
import io.paddock.client.testkit.TaskScript;
import io.paddock.proto.v1.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RunCommandsTest {
    private static final Path SOURCE = Path.of("src/test/java/io/paddock/client/example/RunCommands.java");

    @Test
    void runsAllCommandsOverSeveralAgentsAndOffers() {
        try (InMemoryMaster master = InMemoryMaster.start()) {
            master.script(task -> TaskScript.finishesAfter(Duration.ofMillis(20)));
            master.addAgent("h1", "cpus:0.2;mem:64");
            master.addAgent("h2", "cpus:0.1;mem:64");
            RunCommands.main(new String[] {master.address(), "true", "echo a", "echo b", "echo c"});
            assertThat(master.tasks())
                    .hasSize(4)
                    .allSatisfy((id, state) -> assertThat(state).isEqualTo(TaskState.TASK_FINISHED));
            assertThat(master.frameworks()).isEmpty();
        }
    }

    @Test
    void theReadmeShowsTheVerySource() throws IOException {
        String source = Files.readString(SOURCE);
        assertThat(source.lines()).hasSizeLessThan(40);
        assertThat(Files.readString(Path.of("README.md"))).contains("```java\n" + source + "```");
    }
}
