package io.paddock.agent.server.containers;

import static io.paddock.agent.server.containers.ContainersWithChecks.UNLIMITED;
import static io.paddock.agent.server.containers.ContainersWithChecks.awaitNone;
import static io.paddock.agent.server.containers.ContainersWithChecks.shells;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Shells kept for checks end with their agent; the next one has its own. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class KeptShellRestartsTest {
    @RegisterExtension
    final RunningContainers running = RunningContainers.isolatedForEachTest();

    private final ContainersWithChecks checked = new ContainersWithChecks(running);

    /** Its shells end by themselves with it; what still runs something is ended by the next one. */
    @Test
    void theNextAgentEndsWhatTheOneBeforeHasLeftRunning() throws Exception {
        ContainerSpec container = checked.withShell();
        checked.start(container, "touch begun; sleep 7760; true", UNLIMITED);
        Awaitility.await().until(() -> Files.exists(container.sandbox().resolve("begun")));
        Set<Long> before = shells(container, 2);
        running.restart();
        awaitNone(container, "7760");
        assertThat(checked.check(container, "true")).isZero();
        assertThat(shells(container, 1)).doesNotContainAnyElementsOf(before);
    }

    @Test
    void shellsLeaveWithTheAgent() throws Exception {
        ContainerSpec container = checked.withShell();
        running.containers().close();
        shells(container, 0);
        running.restart();
        assertThat(checked.check(container, "true")).isZero();
    }
}
