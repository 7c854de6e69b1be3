package io.paddock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.paddock.client.core.OfferRoom;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.NetworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.Parameter;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.Volume;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class RunFlagsTest {
    private static TaskInfo task(String... words) {
        RunCommand command = new RunCommand();
        new CommandLine(command).parseArgs(words);
        OfferRoom room = OfferRoom.of(Offer.newBuilder()
                .setId(OfferID.newBuilder().setValue("o"))
                .setFrameworkId(FrameworkID.newBuilder().setValue("f"))
                .setAgentId(AgentID.newBuilder().setValue("s"))
                .setHostname("h")
                .addAllResources(
                        ResourceMessages.toMessages(Resources.parse("cpus:4;mem:4096;gpus:2;ports:[8000-8010]")))
                .build());
        assertThat(room.add(command.task.spec(port -> port >= 8000, null))).isTrue();
        return room.tasks().get(0);
    }

    @Test
    void oneWordIsAShellCommandAndSeveralAreAProgram() {
        assertThat(task("echo a; exit 7").getCommand().getShell()).isTrue();
        assertThat(task("echo a; exit 7").getCommand().getValue()).isEqualTo("echo a; exit 7");
        TaskInfo program = task("--cpus", "2", "ls", "-l", "--cpus");
        assertThat(program.getCommand().getShell()).isFalse();
        assertThat(program.getCommand().getArgumentsList()).containsExactly("ls", "-l", "--cpus");
    }

    @Test
    void whatIsToBeStartedAgainIsAnApp() {
        assertThat(task("--restart", "no", "ls", "-l").getCommand().getArgumentsList())
                .containsExactly("ls", "-l");
        assertThatThrownBy(() -> task("--restart", "always", "true"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--restart: ");
    }

    @Test
    void flagsBecomeTheTask() {
        TaskInfo task = task(
                "--name",
                "job",
                "--cpus",
                "1.5",
                "--mem",
                "100",
                "--gpus",
                "1",
                "-e",
                "A=b=c",
                "--image",
                "busybox:1",
                "-v",
                "/srv:/data:ro",
                "true");
        assertThat(task.getTaskId().getValue()).startsWith("job-").hasSize(12);
        assertThat(ResourceMessages.fromMessages(task.getResourcesList()))
                .isEqualTo(Resources.parse("cpus:1.5;mem:100;gpus:1"));
        assertThat(task.getCommand().getEnvironment().getVariables(0).getValue())
                .isEqualTo("b=c");
        assertThat(task.getContainer().getType()).isEqualTo(ContainerInfo.Type.DOCKER);
        assertThat(task.getContainer().getDocker().getImage()).isEqualTo("busybox:1");
        assertThat(task.getContainer().getVolumes(0).getMode()).isEqualTo(Volume.Mode.RO);
        assertThat(task.getContainer().getVolumes(0).getContainerPath()).isEqualTo("/data");
    }

    @Test
    void portsOfANetworkAreMapped() {
        TaskInfo task = task("--network", "bridge", "-p", "8002:80", "-p", "53/udp", "true");
        assertThat(task.getContainer().getNetworkInfos(0).getName()).isEqualTo("bridge");
        assertThat(task.getContainer().getNetworkInfos(0).getPortMappingsList())
                .extracting(
                        NetworkInfo.PortMapping::getHostPort,
                        NetworkInfo.PortMapping::getContainerPort,
                        NetworkInfo.PortMapping::getProtocol)
                .containsExactly(tuple(8002, 80, "tcp"), tuple(8000, 53, "udp"));
    }

    /** Without an image the mappings belong to one of them. */
    @Test
    void severalNetworksAreJoined() {
        TaskInfo task = task("--network", "back", "--network", "bridge", "-p", "8002:80", "true");
        assertThat(task.getContainer().getNetworkInfosList())
                .extracting(NetworkInfo::getName, NetworkInfo::getPortMappingsCount)
                .containsExactly(tuple("back", 0), tuple("bridge", 1));
        TaskInfo others = task("--network", "back", "--network", "front", "-p", "8002:80", "true");
        assertThat(others.getContainer().getNetworkInfosList())
                .extracting(NetworkInfo::getName, NetworkInfo::getPortMappingsCount)
                .containsExactly(tuple("back", 1), tuple("front", 0));
        TaskInfo image = task("--net", "bridge", "--net", "back", "-p", "8002:80", "--image", "x");
        assertThat(image.getContainer().getDocker().getNetwork()).isEqualTo(ContainerInfo.DockerInfo.Network.USER);
        assertThat(image.getContainer().getDocker().getPortMappingsCount()).isEqualTo(1);
        assertThat(image.getContainer().getNetworkInfosList())
                .extracting(NetworkInfo::getName)
                .containsExactly("bridge", "back");
    }

    /** A mapping alone means the bridge; a port that no agent has among its resources is mapped without being asked for. */
    @Test
    void withAnImagePortsAreMappedAsDockerDoes() {
        TaskInfo task = task("-p", "80:8080", "-p", "8003:81", "-p", "82", "--image", "x");
        assertThat(task.getContainer().getDocker().getNetwork()).isEqualTo(ContainerInfo.DockerInfo.Network.BRIDGE);
        assertThat(task.getContainer().getDocker().getPortMappingsList())
                .extracting(
                        ContainerInfo.DockerInfo.PortMapping::getHostPort,
                        ContainerInfo.DockerInfo.PortMapping::getContainerPort)
                .containsExactly(tuple(80, 8080), tuple(8003, 81), tuple(8000, 82));
        assertThat(ResourceMessages.fromMessages(task.getResourcesList()).ranges("ports"))
                .isEqualTo(Resources.parse("ports:[8000-8000,8003-8003]").ranges("ports"));
        assertThat(task.getCommand().getShell()).isFalse();
    }

    @Test
    void dockersHabitsAreUnderstood() {
        TaskInfo task = task(
                "--rm",
                "-it",
                "-m",
                "2g",
                "-u",
                "1000:1000",
                "-w",
                "/srv",
                "--hostname",
                "h",
                "--read-only",
                "-e",
                "PATH",
                "-e",
                "NOT_SET_ANYWHERE",
                "--network",
                "none",
                "--image",
                "x",
                "sh");
        assertThat(ResourceMessages.fromMessages(task.getResourcesList()).scalar("mem"))
                .isEqualTo(2048);
        assertThat(task.getCommand().getUser()).isEqualTo("1000:1000");
        assertThat(task.getCommand().getShell()).isFalse();
        assertThat(task.getCommand().hasValue()).isFalse();
        assertThat(task.getCommand().getArgumentsList()).containsExactly("sh");
        assertThat(task.getCommand().getEnvironment().getVariablesList())
                .extracting(Environment.Variable::getName, Environment.Variable::getValue)
                .containsExactly(tuple("PATH", System.getenv("PATH")));
        assertThat(task.getContainer().getDocker().getParametersList())
                .extracting(Parameter::getKey, Parameter::getValue)
                .containsExactly(tuple("workdir", "/srv"), tuple("hostname", "h"), tuple("read-only", "true"));
        assertThat(task.getContainer().getDocker().getNetwork()).isEqualTo(ContainerInfo.DockerInfo.Network.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--cpus many true|--cpus",
                "--cpus 0 true|--cpus",
                "--mem -1 true|--memory",
                "-p x true|--port",
                "-p 99999 true|--port",
                "--network host -p 80:81 true|--port",
                "--network none -p 80 --image x true|--port",
                "--network host --network back true|--network: host goes with no other network",
                "--network back --network none --image x true|--network: none goes with no other network",
                "--network back --network back true|--network: 'back' is named more than once",
                "-m lots true|--memory",
                "-i true|--interactive",
                "-w /srv true|--workdir",
                "-v /a true|--volume",
                "--name a/b true|--name",
                "--no-such true|--no-such",
                "--principal p true|--secret-file",
                "--master nowhere true|nowhere",
                "|COMMAND",
            })
    void aBadFlagIsNamedAndExitsAsDockers(String words, String named) {
        String[] all = ("run" + (words == null ? "" : " " + words)).split(" ");
        Invocation result = Invocation.of(Map.of(), all);
        assertThat(result.status()).isEqualTo(125);
        assertThat(result.err()).contains(named);
    }
}
