package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.agent.server.executors.ContainerSite;
import io.paddock.proto.v1.CapabilityInfo;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.LinuxInfo;
import io.paddock.proto.v1.RLimitInfo;
import io.paddock.proto.v1.SeccompInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What containers may ask of the kernel, and what of it they share. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PrivilegesTest {
    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    @TempDir
    Path directory;

    private static String output(RunningContainers running, ContainerInfo.Builder info, CommandInfo command)
            throws Exception {
        ContainerSpec spec = running.spec(Optional.of(command), Optional.of(info.build()), Limits.requested(0.1, 64));
        Exit exit = running.run(spec);
        return RunningContainers.stdout(spec) + (exit.succeeded() ? "" : exit.message());
    }

    private static String output(RunningContainers running, ContainerInfo.Builder info, String script)
            throws Exception {
        return output(running, info, RunningContainers.sh(script));
    }

    private static ContainerInfo.Builder box(LinuxInfo.Builder linux) {
        return ContainerInfos.mesos(registry.name("box:1")).setLinuxInfo(linux);
    }

    /** The second container gets what the runtime has made of the filter for the first, to the same effect. */
    @Test
    void aFilterIsCompiledOnce() throws Exception {
        try (RunningContainers running = RunningContainers.isolated(options -> options.withRuntime("crun"))) {
            String script = "grep Seccomp /proc/self/status; unshare -U true 2>/dev/null && echo unshared;"
                    + " mount -t tmpfs none /tmp 2>&1; echo end; sleep 1000";
            List<String> outputs = new ArrayList<>();
            List<String> configurations = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                ContainerSpec spec = running.spec(
                        Optional.of(RunningContainers.sh(script)),
                        Optional.of(box(LinuxInfo.newBuilder()).build()),
                        Limits.requested(0.1, 64));
                running.launch(spec);
                RunningContainers.awaitOutput(spec, "end");
                outputs.add(RunningContainers.stdout(spec));
                configurations.add(Files.readString(
                        running.workDir.resolve("containers/" + spec.id().getValue() + "/config.json")));
            }
            assertThat(outputs.get(0))
                    .startsWith("Seccomp:\t2\nSeccomp_filters:\t1\n")
                    .doesNotContain("unshared");
            assertThat(outputs.get(1)).isEqualTo(outputs.get(0));
            assertThat(configurations.get(0)).doesNotContain("run.oci.seccomp_bpf_data");
            assertThat(configurations.get(1)).contains("run.oci.seccomp_bpf_data");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void systemCallsAreFiltered(String runtime) throws Exception {
        Files.writeString(
                directory.resolve("nomkdir.json"),
                "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"mkdir\",\"mkdirat\"],"
                        + "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1}]}");
        ContainerPolicy policy = ContainerPolicy.builder()
                .seccomp(Optional.of(directory), Optional.empty())
                .build();
        try (RunningContainers running = RunningContainers.isolated(
                options -> options.withRuntime(runtime).withPolicy(policy))) {
            String script = "grep Seccomp: /proc/self/status; unshare -U true 2>/dev/null && echo unshared;"
                    + " mkdir /tmp/new 2>/dev/null && echo made; sleep 0.01; (sleep 0.01)& wait; echo end";
            assertThat(output(running, box(LinuxInfo.newBuilder()), script)).isEqualTo("Seccomp:\t2\nmade\nend\n");
            SeccompInfo free = SeccompInfo.newBuilder().setUnconfined(true).build();
            assertThat(output(running, box(LinuxInfo.newBuilder().setSeccomp(free)), script))
                    .startsWith("Seccomp:\t0\n")
                    .contains("made\n");
            SeccompInfo named =
                    SeccompInfo.newBuilder().setProfileName("nomkdir.json").build();
            assertThat(output(running, box(LinuxInfo.newBuilder().setSeccomp(named)), script))
                    .startsWith("Seccomp:\t2\n")
                    .contains("end")
                    .doesNotContain("made");
            // on the host's files only who names a profile is filtered
            assertThat(output(running, ContainerInfos.plain(), "grep Seccomp: /proc/self/status"))
                    .isEqualTo("Seccomp:\t0\n");
            SeccompInfo unknown =
                    SeccompInfo.newBuilder().setProfileName("../other.json").build();
            assertThat(running.refused(running.spec(
                            Optional.of(RunningContainers.sh("true")),
                            Optional.of(box(LinuxInfo.newBuilder().setSeccomp(unknown))
                                    .build()),
                            Limits.NONE)))
                    .hasMessage("there is no seccomp profile ../other.json");
            assertThat(output(
                            running,
                            ContainerInfos.docker(registry.name("box:1"), "security-opt=seccomp=unconfined"),
                            "grep Seccomp: /proc/self/status"))
                    .isEqualTo("Seccomp:\t0\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void capabilitiesAreBoundedByTheOperator(String runtime) throws Exception {
        CapabilityInfo few = CapabilityInfo.newBuilder()
                .addCapabilities(CapabilityInfo.Capability.CHOWN)
                .addCapabilities(CapabilityInfo.Capability.NET_RAW)
                .build();
        CapabilityInfo one = CapabilityInfo.newBuilder()
                .addCapabilities(CapabilityInfo.Capability.NET_RAW)
                .build();
        ContainerPolicy policy = ContainerPolicy.builder()
                .capabilities(Optional.of(one), Optional.of(few))
                .noNewPrivileges(true)
                .build();
        try (RunningContainers running = RunningContainers.isolated(
                options -> options.withRuntime(runtime).withPolicy(policy))) {
            String script = "grep -E 'CapEff|CapBnd|CapAmb|NoNewPrivs' /proc/self/status | tr -d '\\t' | tr '\\n' ' '";
            assertThat(output(running, box(LinuxInfo.newBuilder()), script))
                    .isEqualTo("CapEff:0000000000002000 CapBnd:0000000000002000 CapAmb:0000000000000000 NoNewPrivs:1 ");
            // asked for by another user than root: kept over the start of its program
            CommandInfo asWeb =
                    RunningContainers.sh(script).toBuilder().setUser("web").build();
            assertThat(output(running, box(LinuxInfo.newBuilder().setEffectiveCapabilities(few)), asWeb))
                    .isEqualTo("CapEff:0000000000002001 CapBnd:0000000000002001 CapAmb:0000000000002001 NoNewPrivs:1 ");
            LinuxInfo.Builder much = LinuxInfo.newBuilder()
                    .setEffectiveCapabilities(
                            CapabilityInfo.newBuilder().addCapabilities(CapabilityInfo.Capability.SYS_ADMIN));
            assertThat(running.refused(running.spec(
                            Optional.of(RunningContainers.sh("true")),
                            Optional.of(box(much).build()),
                            Limits.NONE)))
                    .hasMessageStartingWith("CAP_SYS_ADMIN is not among the capabilities");
            LinuxInfo.Builder beyond =
                    LinuxInfo.newBuilder().setEffectiveCapabilities(few).setBoundingCapabilities(one);
            assertThat(running.refused(running.spec(
                            Optional.of(RunningContainers.sh("true")),
                            Optional.of(box(beyond).build()),
                            Limits.NONE)))
                    .hasMessageContaining("effective_capabilities: CAP_CHOWN is not among the bounding_capabilities");
        }
    }

    @Test
    void aSoftLimitAboveTheHardOneIsRefusedByName() throws Exception {
        ContainerInfo.Builder info = ContainerInfos.plain();
        info.getRlimitInfoBuilder()
                .addRlimitsBuilder()
                .setType(RLimitInfo.RLimit.Type.RLMT_NOFILE)
                .setSoft(100)
                .setHard(10);
        try (RunningContainers running = RunningContainers.isolated()) {
            assertThat(running.refused(running.spec(
                            Optional.of(RunningContainers.sh("true")), Optional.of(info.build()), Limits.NONE)))
                    .hasMessage("rlimit RLMT_NOFILE: soft 100 is above hard 10");
        }
    }

    /** Java and others read their bounds there. */
    @ParameterizedTest
    @CsvSource({"crun, 0", "runc, 0", "crun, 1048576", "runc, 1048576"})
    void seesItsOwnControlGroupAndNoOther(String runtime, int firstUserId) throws Exception {
        ContainerPolicy policy =
                ContainerPolicy.builder().firstUserId(firstUserId).build();
        try (RunningContainers running = RunningContainers.isolated(
                options -> options.withRuntime(runtime).withPolicy(policy))) {
            String memory = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"))
                    ? "/sys/fs/cgroup/memory.max"
                    : "/sys/fs/cgroup/memory/memory.limit_in_bytes";
            assertThat(output(
                            running,
                            box(LinuxInfo.newBuilder()),
                            "cat " + memory + "; echo 1 2>/dev/null > " + memory + " || echo read-only"))
                    .isEqualTo((64 << 20) + "\nread-only\n");

            String others = "grep -E '^0:|memory' /proc/self/cgroup | grep -v ':/$'; find /sys/fs/cgroup -name '"
                    + running.tag() + "' -o -name paddock";
            CommandInfo look = RunningContainers.sh(others + "; echo seen; exec sleep 1000");
            ContainerSpec spec = running.spec(
                    Optional.of(look), Optional.of(box(LinuxInfo.newBuilder()).build()), Limits.requested(0.1, 64));
            running.launch(spec);
            RunningContainers.awaitOutput(spec, "seen\n");
            assertThat(RunningContainers.stdout(spec)).isEqualTo("seen\n");
            ExecSession session = RunningContainers.get(
                    running.containers().exec(spec.id(), ExecSpec.of(RunningContainers.sh(others))));
            assertThat(session.stdout().readAllBytes()).isEmpty();
            ContainerSite site = new ContainerSite(running.containers(), spec.id(), Optional.empty());
            assertThat(RunningContainers.get(site.run(
                            RunningContainers.sh("[ -z \"$(" + others + ")\" ] || exit 3"), Duration.ofSeconds(20))))
                    .isZero();
        }
    }

    @Test
    void usersHaveTheirGroups() throws Exception {
        try (RunningContainers running = RunningContainers.isolated()) {
            CommandInfo web =
                    RunningContainers.sh("id").toBuilder().setUser("web").build();
            assertThat(output(running, ContainerInfos.mesos(registry.name("box:1")), web))
                    .isEqualTo("uid=1234(web) gid=1235(web) groups=1300(more)\n");
            assertThat(output(
                            running,
                            ContainerInfos.docker(registry.name("box:1"), "user=web:more", "group-add=77"),
                            "id -g; id -G; touch $MESOS_SANDBOX/mine && echo writable"))
                    .isEqualTo("1300\n1300 77\nwritable\n");
            String groups = "grep Groups: /proc/self/status | tr -s '[:space:]' ' '";
            assertThat(output(
                            running,
                            ContainerInfos.docker(
                                    registry.name("box:1"),
                                    "user=web",
                                    "group-add=more",
                                    "group-add=77",
                                    "group-add=1235",
                                    "group-add=77"),
                            groups))
                    .as("each group once")
                    .isEqualTo("Groups: 77 1300 ");
        }
    }

    @Test
    void usersOfSessionsHaveTheirGroups() throws Exception {
        try (RunningContainers running = RunningContainers.isolated()) {
            ContainerSpec spec = running.spec(
                    Optional.of(RunningContainers.sh("sleep 100")),
                    Optional.of(ContainerInfos.mesos(registry.name("box:1")).build()),
                    Limits.NONE);
            running.launch(spec);
            CommandInfo web =
                    RunningContainers.sh("id").toBuilder().setUser("web").build();
            ExecSession session = RunningContainers.get(running.containers().exec(spec.id(), ExecSpec.of(web)));
            assertThat(session.stdout()).hasContent("uid=1234(web) gid=1235(web) groups=1300(more)\n");
        }
    }

    @Test
    void memoryAndProcessesAreSharedOnRequest() throws Exception {
        try (RunningContainers running = RunningContainers.isolated()) {
            String size = "df -m /dev/shm | tail -n 1 | awk '{print $2}'";
            assertThat(output(running, box(LinuxInfo.newBuilder().setShmSize(7)), size))
                    .isEqualTo("7\n");
            assertThat(output(running, ContainerInfos.docker(registry.name("box:1"), "shm-size=9m"), size))
                    .isEqualTo("9\n");
            String ids = "readlink /proc/self/ns/pid; readlink /proc/self/ns/ipc";
            String host = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")) + "\n"
                    + Files.readSymbolicLink(Path.of("/proc/self/ns/ipc")) + "\n";
            LinuxInfo.Builder shared =
                    LinuxInfo.newBuilder().setSharePidNamespace(true).setIpcMode(LinuxInfo.IpcMode.SHARE_PARENT);
            assertThat(output(running, box(shared), ids)).isEqualTo(host);
            assertThat(output(running, ContainerInfos.docker(registry.name("box:1"), "pid=host", "ipc=host"), ids))
                    .isEqualTo(host);
            assertThat(output(running, box(LinuxInfo.newBuilder()), ids))
                    .doesNotContain(host.lines().toList().get(0))
                    .doesNotContain(host.lines().toList().get(1));
        }
        ContainerPolicy strict = ContainerPolicy.builder().sharing(false, false).build();
        try (RunningContainers running = RunningContainers.isolated(options -> options.withPolicy(strict))) {
            for (LinuxInfo.Builder wish : List.of(
                    LinuxInfo.newBuilder().setSharePidNamespace(true),
                    LinuxInfo.newBuilder().setIpcMode(LinuxInfo.IpcMode.SHARE_PARENT))) {
                assertThat(running.refused(running.spec(
                                Optional.of(RunningContainers.sh("true")),
                                Optional.of(box(wish).build()),
                                Limits.NONE)))
                        .hasMessageContaining("the agent does not share its own");
            }
        }
    }

    @Test
    void podsShareMemoryAlsoAfterARestart() throws Exception {
        try (RunningContainers running = RunningContainers.isolated()) {
            ContainerSpec pod = running.spec(Optional.empty(), Optional.empty(), Limits.requested(0.2, 128));
            running.launch(pod);
            ContainerSpec one =
                    nested(pod, "one", "readlink /proc/self/ns/ipc; echo shared > /dev/shm/file; sleep 1000");
            running.launch(one);
            RunningContainers.awaitOutput(one, "ipc:");
            running.restart();
            ContainerSpec two = nested(pod, "two", "readlink /proc/self/ns/ipc; cat /dev/shm/file");
            assertThat(running.run(two).succeeded()).isTrue();
            assertThat(RunningContainers.stdout(two)).isEqualTo(RunningContainers.stdout(one) + "shared\n");
            running.destroy(pod);
        }
    }

    /** The files of shm_open among it; with user namespaces as without. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1 << 20})
    void memoryIsSharedWithAParentThatHasAProcess(int firstUserId) throws Exception {
        ContainerPolicy policy =
                ContainerPolicy.builder().firstUserId(firstUserId).build();
        try (RunningContainers running = RunningContainers.isolated(options -> options.withPolicy(policy))) {
            ContainerInfo image = ContainerInfos.mesos(registry.name("box:1")).build();
            ContainerSpec parent = running.spec(
                    Optional.of(RunningContainers.sh("echo of the parent > /dev/shm/file; echo ready;"
                            + " until [ -e /dev/shm/answer ]; do sleep 0.05; done; cat /dev/shm/answer; sleep 1000")),
                    Optional.of(image),
                    Limits.requested(0.2, 128));
            running.launch(parent);
            RunningContainers.awaitOutput(parent, "ready");
            ContainerSpec child = RunningContainers.nested(
                    parent,
                    "child",
                    RunningContainers.sh("cat /dev/shm/file; echo of the child > /dev/shm/answer"),
                    Optional.of(image),
                    Limits.NONE);
            assertThat(running.run(child).succeeded()).isTrue();
            assertThat(RunningContainers.stdout(child)).isEqualTo("of the parent\n");
            RunningContainers.awaitOutput(parent, "of the child");
            running.destroy(parent);
        }
    }

    /** Also with the runtime that is not the usual one. */
    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void podsShareProcessesOnRequestAlsoAfterARestart(String runtime) throws Exception {
        try (RunningContainers running = RunningContainers.isolated(options -> options.withRuntime(runtime))) {
            ContainerSpec pod = running.spec(Optional.empty(), Optional.empty(), Limits.requested(0.2, 128));
            running.launch(pod);
            ContainerSpec one = sharingProcesses(nested(pod, "one", "echo ready; exec sleep 4711"));
            running.launch(one);
            RunningContainers.awaitOutput(one, "ready");
            running.restart();
            String look = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '";
            ContainerSpec two = sharingProcesses(nested(pod, "two", look));
            assertThat(running.run(two).succeeded()).isTrue();
            assertThat(RunningContainers.stdout(two)).contains("sleep 4711");
            ContainerSpec apart = nested(pod, "apart", look);
            assertThat(running.run(apart).succeeded()).isTrue();
            assertThat(RunningContainers.stdout(apart)).doesNotContain("sleep 4711");

            running.destroy(one);
            assertThat(holders(running)).hasSize(1);
            running.destroy(pod);
            Awaitility.await().untilAsserted(() -> assertThat(holders(running)).isEmpty());
        }
    }

    private static List<Long> holders(RunningContainers running) throws Exception {
        return Processes.withVariable("PADDOCK_HOLDS", "/run/paddock/" + running.tag() + "/ipc/task1");
    }

    private static ContainerSpec sharingProcesses(ContainerSpec spec) {
        ContainerInfo.Builder info = spec.container().orElseThrow().toBuilder();
        info.getLinuxInfoBuilder().setSharePidNamespace(true);
        return new ContainerSpec(
                spec.id(),
                spec.command(),
                Optional.of(info.build()),
                spec.environment(),
                spec.user(),
                spec.sandbox(),
                spec.limits(),
                spec.mounts());
    }

    private static ContainerSpec nested(ContainerSpec parent, String name, String script) {
        return RunningContainers.nested(
                parent,
                name,
                RunningContainers.sh(script),
                Optional.of(ContainerInfos.mesos(registry.name("box:1")).build()),
                Limits.requested(0.1, 64));
    }

    @Test
    void takesMoreOptionsOfDocker() throws Exception {
        try (RunningContainers running = RunningContainers.isolated()) {
            ContainerInfo.Builder info = ContainerInfos.docker(
                    registry.name("box:1"),
                    "add-host=db:10.1.2.3",
                    "dns=10.9.8.7",
                    "dns=10.9.8.6",
                    "dns-search=example.org",
                    "dns-option=ndots:3",
                    "sysctl=net.ipv4.ip_unprivileged_port_start=0",
                    "pids-limit=50",
                    "cpuset-cpus=0",
                    "oom-score-adj=100",
                    "security-opt=no-new-privileges",
                    "init=true");
            info.getDockerBuilder().setNetwork(ContainerInfo.DockerInfo.Network.BRIDGE);
            assertThat(output(
                            running,
                            info,
                            "grep db /etc/hosts; grep -v '^#' /etc/resolv.conf | grep -E 'example|10.9|ndots';"
                                    + " cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/self/oom_score_adj;"
                                    + " grep -E 'Cpus_allowed_list|NoNewPrivs' /proc/self/status | tr -d '\\t'"))
                    .isEqualTo("10.1.2.3 db\nnameserver 10.9.8.7\nnameserver 10.9.8.6\nsearch example.org\n"
                            + "options ndots:3\n0\n100\nNoNewPrivs:1\nCpus_allowed_list:0\n");
        }
    }
}
