package io.paddock.agent.server.containers.cgroups;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupsV1Test {
    /** What the kernel shows for a group without a bound. */
    private static final String NONE = "9223372036854771712\n";

    @TempDir
    Path memory;

    private void bound(String group, String bytes) throws IOException {
        Files.writeString(Files.createDirectories(memory.resolve(group)).resolve("memory.limit_in_bytes"), bytes);
    }

    @Test
    void theBoundAboveIsTheNearestThatIsOne() throws IOException {
        Cgroups cgroups = new CgroupsV1(Map.of("memory", memory), List.of());
        bound("paddock", "268435456\n");
        bound("paddock/agent", NONE);
        bound("paddock/agent/group", NONE);
        bound("paddock/agent/group/task", "1024\n");
        assertThat(cgroups.memoryLimitBytes("/paddock/agent/group")).isZero();
        assertThat(cgroups.memoryLimitAboveBytes("/paddock/agent/group/task")).isEqualTo(256L << 20);
        bound("paddock", NONE);
        assertThat(cgroups.memoryLimitAboveBytes("/paddock/agent/group/task")).isZero();
    }
}
