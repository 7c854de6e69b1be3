package io.paddock.marathon.server.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.resources.Resources;
import io.paddock.marathon.core.instance.Agent;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.launch.Mismatch;
import io.paddock.marathon.core.launch.OfferMatcher;
import io.paddock.marathon.core.launch.OfferMatcher.Match;
import io.paddock.marathon.core.launch.OfferMatcher.Offered;
import io.paddock.marathon.core.launch.TaskFactory;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.App.VersionInfo;
import io.paddock.platform.json.Json;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.HealthCheck;
import io.paddock.proto.v1.TaskInfo;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From the JSON of an app and an offer to the task that is sent, or to the reasons why not. */
class LaunchesTest {
    private static final Agent AGENT = new Agent("S1", "host1", null, null, new TreeMap<>());
    private static final Instant VERSION = Instant.parse("2020-05-01T12:00:00Z");

    static App app(String json) {
        try {
            return new AppReader(new AppDefaults("*", null))
                    .read(
                            Json.read(
                                    json.getBytes(StandardCharsets.UTF_8),
                                    com.fasterxml.jackson.databind.JsonNode.class),
                            null,
                            null)
                    .at(VERSION, new VersionInfo(VERSION, VERSION));
        } catch (InvalidJson e) {
            throw new AssertionError(e);
        }
    }

    private static Match match(App app, String offer) {
        return OfferMatcher.match(
                app,
                new Offered(AGENT, "*", false, Resources.parse(offer).allocatedTo("*")),
                List.of(),
                field -> List.of(),
                7);
    }

    private static TaskInfo task(String json, String offer) {
        App app = app(json);
        Match match = match(app, offer);
        assertThat(match.mismatches()).isEmpty();
        Instance instance =
                Instance.scheduled("a.instance-1", app, VERSION).provisioned(AGENT, match.hostPorts(), VERSION);
        return TaskFactory.task(app, instance, match.taken(), "");
    }

    private static Map<String, String> env(TaskInfo task) {
        return task.getCommand().getEnvironment().getVariablesList().stream()
                .collect(Collectors.toMap(Environment.Variable::getName, Environment.Variable::getValue));
    }

    @ParameterizedTest(name = "{2} from {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"id\":\"/a\",\"cmd\":\"x\",\"cpus\":2} | cpus:1;mem:1000;ports:[1-9] | INSUFFICIENT_CPUS",
                "{\"id\":\"/a\",\"cmd\":\"x\",\"mem\":2000} | cpus:1;mem:1000;ports:[1-9] | INSUFFICIENT_MEMORY",
                "{\"id\":\"/a\",\"cmd\":\"x\",\"disk\":1} | cpus:1;mem:1000;ports:[1-9] | INSUFFICIENT_DISK",
                "{\"id\":\"/a\",\"cmd\":\"x\",\"gpus\":1} | cpus:1;mem:1000;ports:[1-9] | INSUFFICIENT_GPUS",
                "{\"id\":\"/a\",\"cmd\":\"x\"} | cpus:1;mem:1000 | INSUFFICIENT_PORTS",
                "{\"id\":\"/a\",\"cmd\":\"x\",\"ports\":[80],\"requirePorts\":true} | cpus:1;mem:1000;ports:[1-9] | INSUFFICIENT_PORTS",
                "{\"id\":\"/a\",\"cmd\":\"x\",\"role\":\"web\"} | cpus:1;mem:1000;ports:[1-9] | UNFULFILLED_ROLE",
                "{\"id\":\"/a\",\"cmd\":\"x\",\"constraints\":[[\"hostname\",\"LIKE\",\"other\"]]} | cpus:1;mem:1000;ports:[1-9] | UNFULFILLED_CONSTRAINT",
                "{\"id\":\"/a\",\"cmd\":\"x\"} | cpus:1;mem:1000;gpus:1;ports:[1-9] | DECLINED_SCARCE_RESOURCES",
            })
    void reasons(String json, String offer, String why) {
        assertThat(match(app(json), offer).mismatches()).containsExactly(Mismatch.valueOf(why));
    }

    @Test
    void aPlainCommandOnTheHostNetwork() {
        TaskInfo task = task("""
                {"id":"/shop/web","cmd":"serve $PORT0","cpus":0.1,"mem":32,"user":"www","env":{"A":"b","HOST":"mine"},
                 "labels":{"Tier-1":"front"},"taskKillGracePeriodSeconds":7,"uris":["http://x/a.tgz","http://x/b"],
                 "portDefinitions":[{"port":0,"name":"http","labels":{"VIP":"1"}},{"port":9000,"protocol":"udp,tcp"}]}""", "cpus:1;mem:1000;ports:[31000-31001]");
        assertThat(task.getName()).isEqualTo("web.shop");
        assertThat(task.getTaskId().getValue()).isEqualTo("a.instance-1._app.1");
        assertThat(task.hasContainer()).isFalse();
        CommandInfo command = task.getCommand();
        assertThat(command.getShell()).isTrue();
        assertThat(command.getValue()).isEqualTo("serve $PORT0");
        assertThat(command.getUser()).isEqualTo("www");
        assertThat(command.getUris(0).getExtract()).isTrue();
        assertThat(command.getUris(1).getExtract()).isFalse();
        Map<String, String> env = env(task);
        assertThat(List.of(env.get("PORT0"), env.get("PORT1"))).containsExactlyInAnyOrder("31000", "31001");
        assertThat(env)
                .containsEntry("PORT", env.get("PORT0"))
                .containsEntry("PORTS", env.get("PORT0") + "," + env.get("PORT1"))
                .containsEntry("PORT_HTTP", env.get("PORT0"))
                .containsEntry("PORT_9000", env.get("PORT1"))
                .containsEntry("HOST", "mine")
                .containsEntry("A", "b")
                .containsEntry("MESOS_TASK_ID", "a.instance-1._app.1")
                .containsEntry("MARATHON_APP_ID", "/shop/web")
                .containsEntry("MARATHON_APP_VERSION", "2020-05-01T12:00:00.000Z")
                .containsEntry("MARATHON_APP_RESOURCE_CPUS", "0.1")
                .containsEntry("MARATHON_APP_RESOURCE_MEM", "32.0")
                .containsEntry("MARATHON_APP_LABELS", "TIER_1")
                .containsEntry("MARATHON_APP_LABEL_TIER_1", "front");
        assertThat(task.getKillPolicy().getGracePeriod().getNanoseconds()).isEqualTo(7_000_000_000L);
        assertThat(task.getDiscovery().getPorts().getPortsList())
                .extracting(p -> p.getProtocol())
                .containsExactly("tcp", "udp", "tcp");
        assertThat(task.getResourcesList())
                .allMatch(r -> r.getAllocationInfo().getRole().equals("*"));
    }

    @Test
    void requiredPortsAreTheServicePorts() {
        TaskInfo task = task(
                "{\"id\":\"/a\",\"cmd\":\"x\",\"ports\":[31005],\"requirePorts\":true}",
                "cpus:1;mem:1000;ports:[31000-31009]");
        assertThat(env(task)).containsEntry("PORT0", "31005");
    }

    @Test
    void anImageOnABridgeWithTheMesosContainerizer() {
        TaskInfo task = task("""
                {"id":"/a","args":["-f","x"],"container":{"type":"MESOS","docker":{"image":"busybox","forcePullImage":true},
                  "portMappings":[{"containerPort":80,"hostPort":0,"name":"http"},{"containerPort":0,"hostPort":31000}],
                  "volumes":[{"containerPath":"/data","hostPath":"/srv","mode":"RO"}]},
                 "networks":[{"mode":"container/bridge"}],
                 "healthChecks":[{"protocol":"MESOS_HTTP","path":"/ok","portIndex":0,"delaySeconds":1}]}""", "cpus:1;mem:1000;ports:[31000-31001]");
        ContainerInfo container = task.getContainer();
        assertThat(container.getType()).isEqualTo(ContainerInfo.Type.MESOS);
        assertThat(container.getMesos().getImage().getDocker().getName()).isEqualTo("busybox");
        assertThat(container.getMesos().getImage().getCached()).isFalse();
        assertThat(container.getNetworkInfos(0).getName()).isEqualTo("mesos-bridge");
        assertThat(container.getNetworkInfos(0).getPortMappingsList())
                .extracting(m -> m.getHostPort() + ":" + m.getContainerPort() + "/" + m.getProtocol())
                .containsExactly("31001:80/tcp", "31000:31000/tcp");
        assertThat(container.getVolumes(0).getHostPath()).isEqualTo("/srv");
        assertThat(task.getCommand().getShell()).isFalse();
        assertThat(task.getCommand().hasValue()).isFalse();
        assertThat(task.getCommand().getArgumentsList()).containsExactly("-f", "x");
        HealthCheck check = task.getHealthCheck();
        assertThat(check.getType()).isEqualTo(HealthCheck.Type.HTTP);
        assertThat(check.getHttp().getPort()).as("seen from inside").isEqualTo(80);
        assertThat(check.getDelaySeconds()).isEqualTo(1);
        assertThat(env(task)).containsEntry("PORT0", "31001").containsEntry("PORT_80", "31001");
    }

    @Test
    void anImageOfOldClientsWithTheDockerContainerizer() {
        TaskInfo task = task("""
                {"id":"/a","cmd":"run it","ports":[],"container":{"docker":{"image":"busybox","network":"BRIDGE","privileged":true,
                  "parameters":[{"key":"memory-swap","value":"1g"}],"portMappings":[{"containerPort":80,"hostPort":0}]}}}""", "cpus:1;mem:1000;ports:[31000-31000]");
        ContainerInfo.DockerInfo docker = task.getContainer().getDocker();
        assertThat(task.getContainer().getType()).isEqualTo(ContainerInfo.Type.DOCKER);
        assertThat(docker.getNetwork()).isEqualTo(ContainerInfo.DockerInfo.Network.BRIDGE);
        assertThat(docker.getPrivileged()).isTrue();
        assertThat(docker.getParameters(0).getKey()).isEqualTo("memory-swap");
        assertThat(docker.getPortMappings(0).getHostPort()).isEqualTo(31000);
        assertThat(task.getCommand().getValue()).isEqualTo("run it");
        assertThat(env(task)).containsEntry("MARATHON_APP_DOCKER_IMAGE", "busybox");
    }

    @Test
    void argumentsWithoutAContainerNameTheProgram() {
        TaskInfo task = task("{\"id\":\"/a\",\"args\":[\"/bin/sleep\",\"10\"]}", "cpus:1;mem:1000;ports:[1-9]");
        assertThat(task.getCommand().getValue()).isEqualTo("/bin/sleep");
        assertThat(task.getCommand().getArgumentsList()).containsExactly("/bin/sleep", "10");
    }

    @Test
    void aCustomExecutorGetsItsOwnResources() {
        TaskInfo task = task(
                "{\"id\":\"/a\",\"cmd\":\"x\",\"executor\":\"/opt/e\",\"cpus\":1,\"mem\":100}",
                "cpus:2;mem:1000;disk:100;ports:[1-9]");
        assertThat(task.hasCommand()).isFalse();
        assertThat(task.getExecutor().getCommand().getValue()).contains("exec '/opt/e' x");
        assertThat(task.getExecutor().getResourcesList()).hasSize(3);
    }

    @Test
    void reservedResourcesAreUsedFirstAndOnlyWhereAccepted() {
        String offer = "cpus(web):1;cpus:1;mem:1000;ports:[1-9]";
        App any = app("{\"id\":\"/a\",\"cmd\":\"x\",\"cpus\":1.5}");
        assertThat(match(any, offer).fits()).isTrue();
        App unreserved = app("{\"id\":\"/a\",\"cmd\":\"x\",\"cpus\":1.5,\"acceptedResourceRoles\":[\"*\"]}");
        assertThat(match(unreserved, offer).mismatches()).containsExactly(Mismatch.INSUFFICIENT_CPUS);
        App small = app("{\"id\":\"/a\",\"cmd\":\"x\",\"cpus\":1}");
        assertThat(match(small, offer).left().unreserved().scalar("cpus")).isEqualTo(1);
    }
}
