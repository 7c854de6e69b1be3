package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.engine.AbortedLaunches;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.TTYInfo;
import io.paddock.proto.v1.Volume;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The death of an agent after any step of a launch that makes use of everything there is. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class CutOffLaunchesTest {
    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    @Test
    void leaveNothing() throws Exception {
        ContainerPolicy policy = ContainerPolicy.builder().firstUserId(1 << 20).build();
        try (RunningContainers running = RunningContainers.isolated(options -> options.withPolicy(policy))) {
            ContainerSpec pod = running.spec(Optional.empty(), Optional.empty(), Limits.requested(0.2, 128));
            running.launch(pod);
            AbortedLaunches aborted = new AbortedLaunches(
                    running.workDir, ContainersOptions.defaults(running.workDir).withPolicy(policy), running.timers());
            for (String step : aborted.steps()) {
                ContainerSpec spec = everything(pod, "t-" + step, registry.name("box:1"));
                aborted.launchUntil(step, spec);
                assertThat(running.restart()).as("after step %s", step).hasSize(1);
                assertThat(running.traces())
                        .as("after step %s", step)
                        .noneMatch(trace -> trace.startsWith("process"))
                        .noneMatch(trace -> trace.contains("t-" + step));
            }
            running.destroy(pod);
        }
    }

    /** The death of an agent after any step of a container's end: the next one still knows it, and what is left of it goes. */
    @Test
    void endsThatWereCutOffAreFinished() throws Exception {
        ContainerPolicy policy = ContainerPolicy.builder().firstUserId(1 << 20).build();
        try (RunningContainers running = RunningContainers.isolated(options -> options.withPolicy(policy))) {
            ContainerSpec pod = running.spec(Optional.empty(), Optional.empty(), Limits.requested(0.2, 128));
            running.launch(pod);
            AbortedLaunches aborted = new AbortedLaunches(
                    running.workDir, ContainersOptions.defaults(running.workDir).withPolicy(policy), running.timers());
            for (String step : aborted.steps()) {
                ContainerSpec spec = everything(pod, "e-" + step, registry.name("box:1"));
                running.launch(spec);
                running.containers().close();
                aborted.destroyUntil(step, spec);
                List<Recovered> recovered = running.restart();
                assertThat(recovered.stream().map(each -> each.spec().id()))
                        .as("down to step %s", step)
                        .containsExactlyInAnyOrder(pod.id(), spec.id());
                running.destroy(spec);
                assertThat(running.traces())
                        .as("down to step %s", step)
                        .noneMatch(trace -> trace.startsWith("process"))
                        .noneMatch(trace -> trace.contains("e-" + step));
            }
            running.destroy(pod);
        }
    }

    private static ContainerSpec everything(ContainerSpec pod, String name, String image) {
        ContainerInfo info = ContainerInfos.mesos(image)
                .setTtyInfo(TTYInfo.getDefaultInstance())
                .addNetworkInfos(ContainerInfos.network("mesos-bridge"))
                .addVolumes(ContainerInfos.volume("/image").setImage(ContainerInfos.image(image)))
                .addVolumes(ContainerInfos.volume("/etc/secret")
                        .setSource(Volume.Source.newBuilder()
                                .setType(Volume.Source.Type.SECRET)
                                .setSecret(ContainerInfos.secret("quiet"))))
                .build();
        return RunningContainers.nested(
                pod, name, RunningContainers.sh("sleep 1000"), Optional.of(info), Limits.requested(0.1, 64));
    }
}
