package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.core.AgentSettings;
import io.paddock.common.resources.Resources;
import io.paddock.platform.flags.Flags;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.Value;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
    void aBadFlagIsNamed() {
        record Case(String flag, String argument) {}
        for (Case c : List.of(
                new Case("--resources", "--resources=cpus"),
                new Case("--resources", "--resources=[{\"name\":1}]"),
                new Case("--attributes", "--attributes=rack"),
                new Case("--domain", "--domain=nonsense"),
                new Case("--executor-environment-variables", "--executor-environment-variables={"),
                new Case("--advertise-ip", "--advertise-ip=no.such.host.invalid"))) {
            assertThatThrownBy(() -> AgentDescription.settings(parse(c.argument()), workDir, 1, true))
                    .as(c.argument())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(c.flag());
        }
    }
}
