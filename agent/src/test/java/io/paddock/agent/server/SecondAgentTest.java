package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Image;
import io.paddock.proto.v1.TaskInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One that is started by mistake on the work directory of another. */
class SecondAgentTest extends AgentUnderTest {
    @Test
    void leavesAloneWhatTheFirstOneRuns() throws Exception {
        assumeTrue(Tools.find("skopeo").isPresent(), "skopeo is not installed");
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            TaskInfo.Builder pulling = task("pulling", "true").toBuilder();
            pulling.getContainerBuilder()
                    .setType(ContainerInfo.Type.MESOS)
                    .getMesosBuilder()
                    .getImageBuilder()
                    .setType(Image.Type.DOCKER)
                    .getDockerBuilder()
                    .setName("127.0.0.1:" + silent.getLocalPort() + "/box:1");
            run(pulling.build());
            await().atMost(WAIT).until(() -> !pulls().isEmpty());
            List<Long> pulls = pulls();
            assertThatThrownBy(this::startAgent).hasMessageContaining("another agent uses");
            assertThat(pulls()).isEqualTo(pulls);
        }
    }

    private List<Long> pulls() throws IOException {
        return Processes.withVariable("PADDOCK_TOOL_OF", workDir.toString());
    }
}
