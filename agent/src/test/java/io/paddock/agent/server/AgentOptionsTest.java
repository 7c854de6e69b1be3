package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.core.AgentSettings;
import io.paddock.agent.server.containers.ContainersOptions;
import io.paddock.agent.server.containers.FetchOptions;
import io.paddock.agent.server.containers.ImageOptions;
import io.paddock.common.resources.Resources;
import io.paddock.platform.flags.Flags;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.Value;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentOptionsTest {
    @TempDir
    Path workDir;

    private static AgentOptions parse(String... args) {
        AgentCommand command = new AgentCommand();
        Flags.commandLine(command, Map.of("PADDOCK_AGENT_GC_DELAY", "2days")).parseArgs(args);
        return command.options;
    }

    @Test
    void namesOfMesosAndOurOwnAreFlags() {
        AgentOptions options = parse(
                "--master=zk://a:2181/mesos",
                "--work_dir=/w",
                "--port",
                "0",
                "--executor-shutdown-grace-period=1mins",
                "--no-switch-user",
                "--cgroups_enable_cfs");
        assertThat(options.master).isEqualTo("zk://a:2181/mesos");
        assertThat(options.workDir).isEqualTo(Path.of("/w"));
        assertThat(options.listen.port).isZero();
        assertThat(options.executorShutdownGrace).isEqualTo(Duration.ofMinutes(1));
        assertThat(options.switchUser).isFalse();
        assertThat(options.cgroupsEnableCfs).isTrue();
        assertThat(options.gcDelay).isEqualTo(Duration.ofDays(2));
        assertThat(parse("--switch_user=false").switchUser).isFalse();
        assertThat(parse("--switch-user").switchUser).isTrue();
        assertThat(parse().switchUser).isTrue();
    }

    @Test
    void flagsAreShownUnderTheirMesosNames() {
        assertThat(Flags.effective(parse("--work-dir=/w")))
                .containsEntry("work_dir", "/w")
                .containsKey("master");
    }

    @Test
    void whatIsNotNamedIsDetected() {
        Resources resources = AgentDescription.resources(parse("--resources=cpus:3;ports:[1-2];disk(db):5"), workDir);
        assertThat(resources.scalar("cpus")).isEqualTo(3);
        assertThat(resources.scalar("mem")).isGreaterThan(100);
        assertThat(resources.scalar("disk")).isEqualTo(5);
        assertThat(resources.ranges("ports").size()).isEqualTo(2);
        Resources all = AgentDescription.resources(parse("--default-role=r"), workDir);
        assertThat(all.unreserved().isEmpty()).isTrue();
        assertThat(all.scalar("cpus")).isGreaterThanOrEqualTo(1);
    }

    @Test
    void resourcesMayBeJson() {
        String json = "[{\"name\":\"cpus\",\"type\":\"SCALAR\",\"scalar\":{\"value\":2.5}}]";
        assertThat(AgentDescription.resources(parse("--resources=" + json), workDir)
                        .scalar("cpus"))
                .isEqualTo(2.5);
    }

    @Test
    void describesItselfByFlags() {
        AgentSettings settings = AgentDescription.settings(
                parse(
                        "--attributes=rack:r1;weight:2;zone:[1-3]",
                        "--hostname=h",
                        "--advertise-ip=10.1.2.3",
                        "--domain={\"fault_domain\":{\"region\":{\"name\":\"r\"},\"zone\":{\"name\":\"z\"}}}",
                        "--executor-environment-variables={\"A\":\"b\"}"),
                workDir,
                5051,
                false);
        assertThat(settings.pid()).isEqualTo("slave(1)@10.1.2.3:5051");
        assertThat(settings.info().getHostname()).isEqualTo("h");
        assertThat(settings.info().getDomain().getFaultDomain().getZone().getName())
                .isEqualTo("z");
        assertThat(settings.executorEnvironment()).containsEntry("A", "b");
        assertThat(settings.info().getAttributesList())
                .extracting(a -> a.getName() + " " + a.getType())
                .containsExactly(
                        "rack " + Value.Type.TEXT,
                        "weight " + Value.Type.SCALAR,
                        "zone " + Value.Type.RANGES,
                        "isolation " + Value.Type.TEXT);
        assertThat(ResourceMessages.fromMessages(settings.info().getResourcesList()))
                .isNotEqualTo(Resources.EMPTY);
    }

    @Test
    void storesAndSourcesOfMesosAreFlags() {
        AgentOptions options = parse(
                "--fetcher_cache_size=512MB",
                "--fetcher_cache_dir=/cache",
                "--fetcher_stall_timeout=10secs",
                "--hadoop_home=/opt/hadoop",
                "--frameworks_home=/apps",
                "--docker_store_dir=/store",
                "--docker_registry=https://hub.example.com",
                "--image_gc_config={\"image_disk_headroom\":0.25,\"image_disk_watch_interval\":{\"nanoseconds\":1000000000},"
                        + "\"excluded_images\":[{\"type\":\"DOCKER\",\"docker\":{\"name\":\"alpine\"}}]}",
                "--default_container_shm_size=1GB");
        assertThat(options.store.fetch(workDir))
                .isEqualTo(new FetchOptions(
                        Path.of("/cache"),
                        512 << 20,
                        Duration.ofSeconds(10),
                        Optional.of(Path.of("/apps")),
                        Optional.of(Path.of("/opt/hadoop"))));
        ImageOptions images = options.store.images(workDir);
        assertThat(images.directory()).isEqualTo(Path.of("/store"));
        assertThat(images.diskHeadroom()).isEqualTo(0.25);
        assertThat(images.diskWatchInterval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(images.excluded()).containsExactly("alpine");
        assertThat(options.defaults.shmMegabytes()).isEqualTo(1024);
        assertThat(parse().store.images(workDir).directory()).isEqualTo(workDir.resolve("images"));
        assertThat(Flags.effective(parse())).containsEntry("fetcher_cache_size", "2GB");
    }

    /** Programs that are given them work in another directory than the agent. */
    @Test
    void pathsMayBeRelative() throws Exception {
        Path here = Path.of("").toAbsolutePath();
        Path file = Files.writeString(workDir.resolve("config.json"), "{}");
        AgentOptions options = parse(
                "--docker-config=" + here.relativize(file),
                "--hadoop-home=hadoop",
                "--network-cni-config-dir=networks",
                "--network-cni-plugins-dir=plugins");
        ContainersOptions containers = AgentServer.containersOptions(options, workDir);
        assertThat(containers.images().registryConfig())
                .hasValueSatisfying(path -> assertThat(path).isAbsolute().hasSameTextualContentAs(file));
        assertThat(containers.fetch().hadoop()).contains(here.resolve("hadoop"));
        assertThat(containers.cniConfigDir()).contains(here.resolve("networks"));
        assertThat(containers.cniPluginsDir()).isEqualTo(here.resolve("plugins"));
    }

    @Test
    void missingCredentialsOfRegistriesAreRefused() {
        AgentOptions options = parse("--docker-config=" + workDir.resolve("missing.json"));
        assertThatThrownBy(() -> options.store.images(workDir))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("--docker-config: " + workDir.resolve("missing.json") + " is not a file");
    }

    @Test
    void valuesMayBeInFiles() throws Exception {
        Path file = Files.writeString(workDir.resolve("resources.txt"), "cpus:7;mem:100\n");
        assertThat(AgentDescription.resources(parse("--resources=file://" + file), workDir)
                        .scalar("cpus"))
                .isEqualTo(7);
        Path info = Files.writeString(workDir.resolve("info.json"), "{\"type\":\"MESOS\",\"hostname\":\"usual\"}");
        assertThat(parse("--default_container_info=file://" + info)
                        .defaults
                        .container()
                        .orElseThrow()
                        .getHostname())
                .isEqualTo("usual");
    }

    @Test
    void theHostNameMayBeLookedUp() {
        assertThat(name("--hostname_lookup"))
                .isEqualTo(InetAddress.getLoopbackAddress().getCanonicalHostName());
        assertThat(name("--no-hostname_lookup", "--ip=0.0.0.0")).matches("[0-9.]+");
        assertThat(name()).isEqualTo("127.0.0.1");
    }

    private String name(String... args) {
        return AgentDescription.settings(parse(args), workDir, 5051, true)
                .info()
                .getHostname();
    }

    @Test
    void aBadFlagIsNamed() {
        record Case(String flag, String argument) {}
        for (Case c : List.of(
                new Case("--resources", "--resources=cpus"),
                new Case("--resources", "--resources=[{\"name\":1}]"),
                new Case("--attributes", "--attributes=rack"),
                new Case("--domain", "--domain=nonsense"),
                new Case("--executor-environment-variables", "--executor-environment-variables={"),
                new Case("--resources", "--resources=file:///no/such/file"),
                new Case("--advertise-ip", "--advertise-ip=no.such.host.invalid"))) {
            assertThatThrownBy(() -> AgentDescription.settings(parse(c.argument()), workDir, 1, true))
                    .as(c.argument())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(c.flag());
        }
        for (Case c : List.of(
                new Case("--image-gc-config: image_disk_headroom", "--image_gc_config={}"),
                new Case(
                        "--image-gc-config: image_disk_watch_interval",
                        "--image_gc_config={\"image_disk_headroom\":0.1}"),
                new Case("--default-container-info", "--default_container_info={\"type\":\"NONE\"}"),
                new Case("--default-container-dns", "--default_container_dns={}"),
                new Case(
                        "docker.network_mode",
                        "--default_container_dns={\"docker\":[{\"network_mode\":\"HOST\",\"dns\":{}}]}"),
                new Case("mesos.dns", "--default_container_dns={\"mesos\":[{\"network_mode\":\"CNI\",\"dns\":{}}]}"),
                new Case("--sandbox-directory", "--sandbox_directory=here"),
                new Case("--default-container-shm-size", "--default_container_shm_size=64"))) {
            assertThatThrownBy(() -> {
                        AgentOptions options = parse(c.argument());
                        options.store.images(workDir);
                        options.defaults.container();
                        options.policy.policy(options.defaults);
                    })
                    .as(c.argument())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(c.flag());
        }
    }
}
