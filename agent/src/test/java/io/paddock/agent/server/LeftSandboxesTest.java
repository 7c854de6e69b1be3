package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.platform.json.Json;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.agent.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Of standalone containers that the agent does not know: it was killed while it launched or removed them. */
class LeftSandboxesTest extends AgentUnderTest {
    @Override
    AgentOptions options() {
        AgentOptions options = super.options();
        options.gcDelay = Duration.ofDays(1000);
        options.gcDiskHeadroom = 0;
        options.diskWatchInterval = Duration.ofMillis(100);
        return options;
    }

    @BeforeEach
    @Override
    void start() throws IOException {
        Files.writeString(sandbox("young").resolve("file"), "of the launch before");
        Files.setLastModifiedTime(sandbox("old"), FileTime.from(Instant.EPOCH));
        super.start();
    }

    private Path sandbox(String id) throws IOException {
        return Files.createDirectories(workDir.resolve("standalone").resolve(id));
    }

    private int pending() throws Exception {
        return Json.mapper()
                .readTree(get("/metrics/snapshot"))
                .path("gc/path_removals_pending")
                .asInt();
    }

    @Test
    void areCollectedWhenTheyAreOldUnlessTheIdIsUsedAgain() throws Exception {
        await().until(() -> Files.notExists(workDir.resolve("standalone/old")));
        await().untilAsserted(() -> assertThat(pending()).isEqualTo(1));
        Call.Builder launch = Call.newBuilder().setType(Call.Type.LAUNCH_CONTAINER);
        launch.getLaunchContainerBuilder()
                .setCommand(CommandInfo.newBuilder().setValue("true"))
                .getContainerIdBuilder()
                .setValue("young");
        post(launch.build());
        await().untilAsserted(() -> assertThat(pending()).isZero());
        assertThat(workDir.resolve("standalone/young")).exists();
    }
}
