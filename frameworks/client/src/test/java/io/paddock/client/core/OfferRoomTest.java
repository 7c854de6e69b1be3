package io.paddock.client.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskInfo;
import java.util.List;
import org.junit.jupiter.api.Test;

class OfferRoomTest {
    private static OfferRoom room(String resources) {
        return OfferRoom.of(Offer.newBuilder()
                .setId(OfferID.newBuilder().setValue("o"))
                .setFrameworkId(FrameworkID.newBuilder().setValue("f"))
                .setAgentId(AgentID.newBuilder().setValue("s"))
                .setHostname("h")
                .setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole("dev"))
                .addAllResources(
                        ResourceMessages.toMessages(Resources.parse(resources).allocatedTo("dev")))
                .build());
    }

    private static Resources resources(TaskInfo task) {
        return ResourceMessages.fromMessages(task.getResourcesList()).unallocated();
    }

    @Test
    void takesTasksUntilOneDoesNotFitAndSaysWhatIsMissing() {
        OfferRoom room = room("cpus:1;mem:100;ports:[10-11]");
        assertThat(room.add(TaskSpec.command("a", "true").cpus(0.6).mem(50).ports(1)))
                .isTrue();
        TaskSpec tooMuch = TaskSpec.command("b", "true").cpus(0.6).mem(50).ports(2);
        assertThat(room.add(tooMuch)).isFalse();
        assertThat(room.missing(tooMuch)).contains("cpus: 0.6 needed, 0.4 left; ports: 2 needed, 1 left");
        assertThat(room.add(TaskSpec.command("c", "true").cpus(0.4).mem(50).ports(1)))
                .isTrue();
        assertThat(room.left()).isEqualTo(Resources.EMPTY);
        assertThat(room.tasks()).extracting(t -> t.getTaskId().getValue()).containsExactly("a", "c");
    }

    @Test
    void reservedResourcesGoFirst() {
        OfferRoom room = room("cpus:4;cpus(dev):1;mem:100;mem(dev):40");
        room.add(TaskSpec.command("a", "true").cpus(1.5).mem(32));
        assertThat(resources(room.tasks().get(0))).isEqualTo(Resources.parse("cpus:0.5;cpus(dev):1;mem(dev):32"));
    }

    @Test
    void theAllocationStaysOnTheResources() {
        OfferRoom room = room("cpus:1;mem:100");
        room.add(TaskSpec.command("a", "true"));
        assertThat(room.tasks().get(0).getResourcesList())
                .allSatisfy(r -> assertThat(r.getAllocationInfo().getRole()).isEqualTo("dev"));
    }

    @Test
    void portsAreNamedInTheEnvironment() {
        OfferRoom room = room("cpus:1;mem:100;ports:[20-20,30-31]");
        room.add(TaskSpec.command("a", "true").env("X", "y").ports(3));
        assertThat(room.tasks().get(0).getCommand().getEnvironment().getVariablesList())
                .extracting(Environment.Variable::getName, Environment.Variable::getValue)
                .containsExactly(
                        tuple("X", "y"),
                        tuple("PORT0", "20"),
                        tuple("PORT1", "30"),
                        tuple("PORT2", "31"),
                        tuple("PORT", "20"),
                        tuple("PORTS", "20,30,31"));
    }

    @Test
    void aPortWithANumberIsThatPortOrMissing() {
        OfferRoom room = room("cpus:1;mem:100;ports:[20-22]");
        TaskSpec spec = TaskSpec.command("a", "true")
                .port(0)
                .port(20)
                .whenPlaced((task, numbers) -> task.setName(numbers.toString()));
        assertThat(room.add(spec)).isTrue();
        assertThat(room.tasks().get(0).getName()).isEqualTo("[21, 20]");
        assertThat(room.missing(TaskSpec.command("b", "true").port(20))).contains("ports: 20 is not in [22-22]");
    }

    @Test
    void anExecutorTakesItsShareOnce() {
        ExecutorInfo info = ExecutorInfo.newBuilder()
                .setExecutorId(ExecutorID.newBuilder().setValue("e"))
                .build();
        OfferRoom room = room("cpus:1;cpus(dev):0.2;mem:300");
        TaskSpec spec = TaskSpec.of("a").mem(50).executor(info, 0.5, 200);
        assertThat(room.add(spec)).isTrue();
        assertThat(room.left())
                .isEqualTo(Resources.parse("cpus:0.5;cpus(dev):0.1;mem:50").allocatedTo("dev"));
        assertThat(room.add(TaskSpec.of("b").mem(50).executor(info, 0.5, 200))).isTrue();
        assertThat(room.tasks().get(1).getExecutor())
                .isEqualTo(room.tasks().get(0).getExecutor());
        assertThat(room("cpus:1;mem:240").missing(spec)).contains("mem: 250 needed, 240 left");
        assertThat(room("cpus:0.1;cpus(dev):4;mem:300").missing(spec))
                .hasValueSatisfying(why -> assertThat(why).startsWith("for the executor: cpus:0.5;mem:200 needed"));
    }

    @Test
    void aProgramIsGivenItsArgumentsWithoutAShell() {
        OfferRoom room = room("cpus:1;mem:100");
        room.add(TaskSpec.program("a", List.of("/bin/echo", "a b")));
        assertThat(room.tasks().get(0).getCommand().getShell()).isFalse();
        assertThat(room.tasks().get(0).getCommand().getValue()).isEqualTo("/bin/echo");
        assertThat(room.tasks().get(0).getCommand().getArgumentsList()).containsExactly("/bin/echo", "a b");
    }
}
