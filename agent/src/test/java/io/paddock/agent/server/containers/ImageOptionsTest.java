package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.CapabilityInfo;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.LinuxInfo;
import io.paddock.proto.v1.Parameter;
import io.paddock.proto.v1.RLimitInfo;
import io.paddock.proto.v1.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a container of an image is given besides: volumes, secrets, limits, privileges, and what options of Docker ask for. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class ImageOptionsTest {
    private static final long NET_RAW = 1L << 13;
    private static final long USUAL_CAPABILITIES = 0xa80425fbL;
    /** Up to CAP_AUDIT_READ. */
    private static final long CAPABILITIES_KNOWN = (1L << 38) - 1;

    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    @RegisterExtension
    final RunningContainers running = RunningContainers.isolatedForEachTest();

    private final ImageContainers images = new ImageContainers(running, registry);

    @Test
    void seesVolumesAndSecrets() throws Exception {
        Path data = Files.createDirectories(running.workDir.resolve("data"));
        Files.writeString(data.resolve("file"), "of the host");
        Files.setPosixFilePermissions(data, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
        ContainerInfo.Builder info = images.mesos()
                .addVolumes(ContainerInfos.volume("/data").setHostPath(data.toString()))
                .addVolumes(ContainerInfos.volume("/readonly")
                        .setHostPath(data.toString())
                        .setMode(Volume.Mode.RO))
                .addVolumes(ContainerInfos.volume("relative").setHostPath(data.toString()))
                .addVolumes(ContainerInfos.volume("/own")
                        .setSource(Volume.Source.newBuilder()
                                .setType(Volume.Source.Type.SANDBOX_PATH)
                                .setSandboxPath(Volume.Source.SandboxPath.newBuilder()
                                        .setType(Volume.Source.SandboxPath.Type.SELF)
                                        .setPath("kept"))))
                .addVolumes(ContainerInfos.volume("/etc/secret")
                        .setSource(Volume.Source.newBuilder()
                                .setType(Volume.Source.Type.SECRET)
                                .setSecret(ContainerInfos.secret("quiet"))));
        Path persistent = Files.createDirectories(running.workDir.resolve("persistent"));
        CommandInfo command = RunningContainers.sh("cat /data/file; echo; cat /mnt/mesos/sandbox/relative/file; echo;"
                        + " cat /etc/secret; echo; echo $PASSWORD; touch /readonly/no 2>/dev/null || echo read-only;"
                        + " echo yes > /own/yes; echo p > /persistent/p; id -u")
                .toBuilder()
                .setUser("web")
                .setEnvironment(Environment.newBuilder()
                        .addVariables(Environment.Variable.newBuilder()
                                .setName("PASSWORD")
                                .setType(Environment.Variable.Type.SECRET)
                                .setSecret(ContainerInfos.secret("hushed"))))
                .build();
        ContainerSpec plain = images.spec(info, command);
        ContainerSpec spec =
                RunningContainers.mounting(plain, new ContainerSpec.Mount(persistent, "/persistent", false));
        Files.setPosixFilePermissions(persistent, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(running.run(spec).message()).isEqualTo("Command exited with status 0");
        assertThat(RunningContainers.stdout(spec))
                .isEqualTo("of the host\nof the host\nquiet\nhushed\nread-only\n1234\n");
        assertThat(spec.sandbox().resolve("kept/yes")).hasContent("yes");
        running.destroy(spec);
        assertThat(persistent.resolve("p")).hasContent("p");
        assertThat(Path.of("/run/paddock", running.tag(), "secrets", spec.id().getValue()))
                .doesNotExist();
    }

    @Test
    void mayAskTheKernelForLittle() throws Exception {
        String script = "mkdir -p /tmp/m; mount -t tmpfs none /tmp/m 2>/dev/null && echo mounted; ulimit -n;"
                + " grep CapBnd /proc/self/status; grep -c Seccomp: /proc/self/status";
        ContainerInfo.Builder limited = images.mesos()
                .setRlimitInfo(RLimitInfo.newBuilder()
                        .addRlimits(RLimitInfo.RLimit.newBuilder()
                                .setType(RLimitInfo.RLimit.Type.RLMT_NOFILE)
                                .setSoft(77)
                                .setHard(88)))
                .setLinuxInfo(LinuxInfo.newBuilder()
                        .setEffectiveCapabilities(CapabilityInfo.newBuilder()
                                .addCapabilities(CapabilityInfo.Capability.NET_RAW)
                                .addCapabilities(CapabilityInfo.Capability.CHOWN)));
        ContainerSpec spec = images.spec(limited, script);
        running.run(spec);
        assertThat(RunningContainers.stdout(spec)).isEqualTo("77\nCapBnd:\t0000000000002001\n1\n");
        ContainerInfo.Builder privileged = images.docker();
        privileged.getDockerBuilder().setPrivileged(true);
        ContainerSpec mighty = images.spec(privileged, script);
        running.run(mighty);
        assertThat(RunningContainers.stdout(mighty)).startsWith("mounted\n");
    }

    @Test
    void takesTheUsualOptionsOfDocker() throws Exception {
        ContainerInfo.Builder info = images.docker(
                "env=ADDED=yes",
                "hostname=named",
                "workdir=/etc",
                "read-only=true",
                "tmpfs=/tmp",
                "ulimit=nofile=66",
                "cap-drop=ALL",
                "cap-add=CHOWN",
                "label=a=b");
        ContainerSpec spec = images.spec(
                info,
                "echo $ADDED; hostname; pwd; touch /no 2>/dev/null || echo read-only;"
                        + " touch /tmp/yes && echo writable; ulimit -n; grep CapEff /proc/self/status");
        running.run(spec);
        assertThat(RunningContainers.stdout(spec))
                .isEqualTo("yes\nnamed\n/etc\nread-only\nwritable\n66\nCapEff:\t0000000000000001\n");
        info.getDockerBuilder()
                .addParameters(Parameter.newBuilder().setKey("gpus").setValue("all"));
        assertThat(running.refused(images.spec(info, "true")))
                .hasMessageStartingWith("container.docker.parameters: gpus is not supported");
    }

    /** As in docker run, where the order of the options does not count. */
    @Test
    void combinesTheCapabilitiesAddedAndDroppedWhateverTheirOrder() throws Exception {
        long all = capabilities(Files.readString(Path.of("/proc/self/status"))) & CAPABILITIES_KNOWN;
        long usual = all & USUAL_CAPABILITIES;
        assertThat(granted("cap-add=NET_RAW", "cap-drop=ALL")).isEqualTo(NET_RAW);
        assertThat(granted("cap-drop=all", "cap-add=cap_net_raw")).isEqualTo(NET_RAW);
        assertThat(granted("cap-add=ALL", "cap-drop=NET_RAW")).isEqualTo(all & ~NET_RAW);
        assertThat(granted("cap-drop=NET_RAW", "cap-add=ALL")).isEqualTo(all & ~NET_RAW);
        assertThat(granted("cap-add=ALL", "cap-drop=ALL")).isEqualTo(all);
        assertThat(granted("cap-add=NET_RAW", "cap-drop=NET_RAW")).isEqualTo(usual);
        assertThat(granted("cap-drop=NET_RAW")).isEqualTo(usual & ~NET_RAW);
    }

    /** The filter of system calls is the one that goes with the capabilities it has in the end. */
    @Test
    void aCapabilityAddedBringsItsSystemCalls() throws Exception {
        ContainerSpec spec = images.spec(
                images.docker("cap-add=SYS_ADMIN"), "mkdir -p /tmp/m; mount -t tmpfs none /tmp/m && echo mounted");
        running.run(spec);
        assertThat(RunningContainers.stdout(spec)).isEqualTo("mounted\n");
    }

    private long granted(String... parameters) throws Exception {
        ContainerSpec spec = images.spec(images.docker(parameters), "cat /proc/self/status");
        running.run(spec);
        return capabilities(RunningContainers.stdout(spec));
    }

    private static long capabilities(String status) {
        String effective = status.lines()
                .filter(line -> line.startsWith("CapEff:"))
                .findFirst()
                .orElseThrow();
        return Long.parseUnsignedLong(effective.substring("CapEff:".length()).strip(), 16);
    }
}
