package io.paddock.agent.server.containers.cgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.tools.Mounts;
import io.paddock.proto.v1.CgroupInfo;
import io.paddock.proto.v1.CgroupInfo.Blkio.Operation;
import io.paddock.proto.v1.ResourceStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a tree as a v2 machine shows it (Linux 6.1, systemd 252), recorded for one container of 0.5 CPUs and 128 MB. */
class CgroupsV2Test {
    private static final String GROUP = "/paddock/0123abcd/web";

    /** The files a new group has that we write to. */
    private static final List<String> WRITTEN = List.of(
            "cgroup.subtree_control",
            "cpu.weight",
            "cpu.max",
            "memory.max",
            "memory.low",
            "memory.swap.max",
            "pids.max");

    private static final Map<String, String> RECORDED = Map.of(
            "cgroup.procs", "4711\n4712\n",
            "cpu.stat",
                    "usage_usec 4123456\nuser_usec 3000000\nsystem_usec 1123456\nnr_periods 120\nnr_throttled 17\n"
                            + "throttled_usec 850000\nnr_bursts 0\nburst_usec 0\n",
            "io.stat", "254:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n",
            "memory.current", "52428800\n",
            "memory.swap.current", "1048576\n",
            "memory.peak", "90177536\n",
            "memory.max", "134217728\n",
            "memory.events", "low 0\nhigh 0\nmax 31\noom 2\noom_kill 1\noom_group_kill 0\n",
            "memory.stat",
                    "anon 41943040\nfile 8388608\nkernel 2097152\nkernel_stack 65536\nfile_mapped 4194304\n"
                            + "unevictable 0\n");

    @TempDir
    Path root;

    private Cgroups cgroups;
    private Path group;

    @BeforeEach
    void record() throws IOException {
        group = Files.createDirectories(root.resolve(GROUP.substring(1)));
        for (Path path = group; path.startsWith(root); path = path.getParent()) {
            for (String file : WRITTEN) {
                Files.writeString(path.resolve(file), "");
            }
            Files.writeString(path.resolve("cgroup.procs"), "");
        }
        for (Map.Entry<String, String> file : RECORDED.entrySet()) {
            Files.writeString(group.resolve(file.getKey()), file.getValue());
        }
        Files.writeString(root.resolve("cgroup.controllers"), "cpuset cpu io memory hugetlb pids rdma misc\n");
        cgroups = CgroupMounts.find(
                        Mounts.parse(List.of(
                                "25 30 0:23 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw",
                                "34 25 0:29 / " + root
                                        + " rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot")),
                        List.of())
                .orElseThrow()
                .cgroups();
    }

    private String written(String file) throws IOException {
        return Files.readString(group.resolve(file));
    }

    @Test
    void isFoundWhereOnlyV2IsMounted() throws IOException {
        assertThat(cgroups.version()).isEqualTo("v2");
        assertThat(CgroupMounts.find(List.of(), List.of())).isEmpty();
    }

    @Test
    void readsCounters() throws IOException {
        ResourceStatistics.Builder statistics = ResourceStatistics.newBuilder().setTimestamp(0);
        cgroups.statistics(GROUP, statistics);
        assertThat(statistics.getCpusUserTimeSecs()).isEqualTo(3.0);
        assertThat(statistics.getCpusSystemTimeSecs()).isEqualTo(1.123456);
        assertThat(statistics.getCpusNrThrottled()).isEqualTo(17);
        assertThat(statistics.getCpusThrottledTimeSecs()).isEqualTo(0.85);
        assertThat(statistics.getBlkioStatistics().getThrottling(0).getIoServiceBytesList())
                .extracting(CgroupInfo.Blkio.Value::getOp, CgroupInfo.Blkio.Value::getValue)
                .contains(tuple(Operation.READ, 4096L), tuple(Operation.WRITE, 8192L));
        assertThat(statistics.getMemTotalBytes()).isEqualTo(52428800);
        assertThat(statistics.getMemTotalMemswBytes()).isEqualTo(53477376);
        assertThat(statistics.getMemRssBytes()).isEqualTo(41943040);
        assertThat(statistics.getMemFileBytes()).isEqualTo(8388608);
        assertThat(statistics.getMemKmemUsageBytes()).isEqualTo(2097152);
        assertThat(cgroups.oomKills(GROUP)).isEqualTo(1);
        assertThat(cgroups.peakMemoryBytes(GROUP)).isEqualTo(90177536);
        assertThat(cgroups.memoryLimitBytes(GROUP)).isEqualTo(134217728);
        assertThat(cgroups.processes(GROUP)).containsExactly(4711L, 4712L);
    }

    @Test
    void writesBounds() throws IOException {
        cgroups.create(GROUP, Limits.requested(0.5, 128).withCpuLimit(1.5).withPids(200));
        assertThat(written("cpu.weight")).isEqualTo("20");
        assertThat(written("cpu.max")).isEqualTo("150000 100000");
        assertThat(written("memory.max")).isEqualTo("134217728");
        assertThat(written("memory.low")).isEqualTo("134217728");
        assertThat(written("memory.swap.max")).isEqualTo("0");
        assertThat(written("pids.max")).isEqualTo("200");
        assertThat(root.resolve("cgroup.subtree_control")).hasContent("+cpu +memory +pids");
        cgroups.apply(GROUP, Limits.NONE);
        assertThat(written("cpu.weight")).isEqualTo("1");
        assertThat(written("cpu.max")).isEqualTo("max 100000");
        assertThat(written("memory.max")).isEqualTo("max");
        assertThat(written("memory.swap.max")).isEqualTo("max");
        assertThat(written("pids.max")).isEqualTo("max");
    }

    @Test
    void killsByOneWriteWhereTheKernelCan() throws IOException {
        Files.writeString(group.resolve("cgroup.kill"), "");
        cgroups.kill(GROUP);
        assertThat(written("cgroup.kill")).isEqualTo("1");
    }

    @Test
    void aGroupThatIsGoneIsEmpty() throws IOException {
        assertThat(cgroups.processes("/paddock/nothing")).isEmpty();
        assertThat(cgroups.oomKills("/paddock/nothing")).isZero();
        cgroups.remove("/paddock/nothing");
    }

    private CgroupMounts.Found besideV1(List<String> attached, String... more) throws IOException {
        List<String> mounts = new ArrayList<>(List.of(more));
        mounts.addAll(List.of(
                "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct",
                "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory",
                "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd",
                "41 31 0:38 / " + root + " rw,relatime - cgroup2 cgroup2 rw"));
        return CgroupMounts.find(Mounts.parse(mounts), attached).orElseThrow();
    }

    @Test
    void besideV1TheControllersThatOnlyV2HasAreNamed() throws IOException {
        CgroupMounts.Found found = besideV1(List.of());
        assertThat(found.cgroups().version()).isEqualTo("v1");
        assertThat(found.loose()).contains("hugetlb");
    }

    /** Such as those of an agent that ends while another one starts. */
    @Test
    void controllersOfHierarchiesThatAreMountedNowhereMayComeBackToV2() throws IOException {
        Files.writeString(root.resolve("cgroup.controllers"), "");
        List<String> attached = List.of(
                "#subsys_name\thierarchy\tnum_cgroups\tenabled",
                "cpu\t1\t30\t1",
                "memory\t4\t391\t1",
                "net_cls\t9\t1\t1",
                "perf_event\t0\t28\t1",
                "net_prio\t9\t1\t1",
                "hugetlb\t8\t28\t1");
        assertThat(besideV1(attached).loose()).isEmpty();
        assertThat(besideV1(attached).elsewhere()).containsExactly("hugetlb", "net_cls,net_prio");
        assertThat(besideV1(
                                attached,
                                "42 1 0:39 / /run/paddock/a/cgroup/hugetlb rw - cgroup cgroup rw,hugetlb",
                                "43 1 0:40 / /mnt rw - cgroup cgroup rw,net_cls,net_prio")
                        .elsewhere())
                .isEmpty();
    }
}
