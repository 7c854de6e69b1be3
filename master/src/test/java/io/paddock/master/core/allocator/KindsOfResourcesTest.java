package io.paddock.master.core.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.Explanation.Reason;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.Value;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Reserved, revocable and too small resources, GPUs, and what quotas keep. */
class KindsOfResourcesTest extends AllocatorScenario {
    @Test
    void reservedResourcesGoToTheirRoleAndTheRolesBelowIt() {
        framework("A", "eng/web");
        framework("B", "ops");
        agent("1", "cpus(eng):2;cpus(eng/data):1;cpus:1;mem(ops):64");
        List<Allocation> offers = allocator.allocate(now);
        assertThat(offers).hasSize(2);
        Resources all = offers.stream().map(Allocation::resources).reduce(Resources.EMPTY, Resources::plus);
        assertThat(all).isEqualTo(r("cpus(eng):2;cpus:1;mem(ops):64"));
        assertThat(allocator.free("1")).as("nobody is there for it").isEqualTo(r("cpus(eng/data):1"));
        framework("C", "eng/data");
        assertThat(offers()).containsExactly("C/eng/data <- 1: cpus(eng/data):1");
    }

    @Test
    void reservingMovesAmountsFromTheCommonToTheRole() {
        framework("A", "ops");
        framework("B", "web");
        agent("1", "cpus:4;mem:1000");
        offers();
        allocator.convert("A", "ops", "1", r("cpus:3"), r("cpus(ops):3"));
        assertThat(allocator.held("A", "ops", "1")).isEqualTo(r("cpus(ops):3;cpus:1;mem:1000"));
        allocator.recover("A", "ops", "1", r("cpus(ops):3;cpus:1;mem:1000"), now.plusSeconds(60));
        assertThat(offers()).as("B must not see the reserved cpus").containsExactly("B/web <- 1: cpus:1;mem:1000");
        assertThat(allocator.convertFree("1", r("cpus:1"), r("cpus(x):1")))
                .as("offered to B")
                .isFalse();
        assertThat(allocator.convertFree("1", r("cpus(ops):3"), r("cpus:3"))).isTrue();
        assertThat(offers()).hasSize(1);
    }

    @Test
    void offersBelowTheMinimumAreNotMade() {
        framework("A", "*");
        allocator.addFramework(
                "Big",
                new FrameworkTraits(
                        Set.of("big"), Set.of(), Set.of(), Map.of("big", List.of(r("cpus:2;mem:100"), r("mem:5000")))),
                true);
        allocator.addFramework(
                "Any", new FrameworkTraits(Set.of("any"), Set.of(), Set.of(), Map.of("any", List.of())), true);
        agent("ports", "ports:[1-2];mem:31");
        assertThat(offers()).containsExactly("Any/any <- ports: mem:31;ports:[1-2]");
        allocator.suppress("Any", List.of());
        agent("small", "cpus:1;mem:200");
        assertThat(offers()).containsExactly("A/* <- small: cpus:1;mem:200");
        agent("large", "cpus:2;mem:200");
        assertThat(offers()).as("Big has nothing yet").containsExactly("Big/big <- large: cpus:2;mem:200");
    }

    @Test
    void agentsWithGpusAreForFrameworksThatKnowThem() {
        framework("A", "*");
        agent("1", "cpus:4;mem:1000;gpus:2");
        assertThat(offers()).isEmpty();
        assertThat(allocator.why("A", "*", now).findings().get(0).reason()).isEqualTo(Reason.GPU);
        allocator.updateFramework(
                "A",
                new FrameworkTraits(Set.of("*"), Set.of(), Set.of(FrameworkTraits.Capability.GPU_RESOURCES), Map.of()));
        assertThat(offers()).containsExactly("A/* <- 1: cpus:4;gpus:2;mem:1000");
    }

    @Test
    void revocableResourcesGoToThoseWhoCanLoseThem() {
        Resources revocable = ResourceMessages.fromMessages(List.of(Resource.newBuilder()
                .setName("cpus")
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(2))
                .setRevocable(Resource.RevocableInfo.getDefaultInstance())
                .build()));
        Resources lasting = Resources.parse("cpus:4;mem:1000");
        framework("A", "*");
        allocator.addAgent("1", AgentTraits.MODERN, lasting.plus(revocable), List.of(), true);
        assertThat(allocator.allocate(now)).extracting(Allocation::resources).containsExactly(lasting);

        allocator.addFramework(
                "B",
                new FrameworkTraits(
                        Set.of("*"), Set.of(), Set.of(FrameworkTraits.Capability.REVOCABLE_RESOURCES), Map.of()),
                true);
        assertThat(allocator.allocate(now))
                .as("what A could not have")
                .containsExactly(new Allocation("B", "*", "1", revocable));
        assertThat(allocator.free("1").isEmpty()).isTrue();
    }

    @Test
    void aLimitIsNeverExceededAndCountsTheRolesBelow() {
        allocator.setQuota("eng", new Quota(Map.of(), Map.of("cpus", Scalar.of(5), "mem", Scalar.of(4000))));
        framework("A", "eng/web");
        framework("B", "eng/data");
        for (int i = 0; i < 4; i++) {
            agent("agent" + i, "cpus:3;mem:1000");
        }
        Resources given =
                allocator.allocate(now).stream().map(Allocation::resources).reduce(Resources.EMPTY, Resources::plus);
        assertThat(given.scalar("cpus")).isEqualTo(5);
        assertThat(given.scalar("mem")).isEqualTo(4000);
        assertThat(allocator.why("A", "eng/web", now).findings())
                .extracting(Explanation.Finding::reason)
                .containsOnly(Reason.QUOTA_LIMIT, Reason.NOTHING_FREE);
        Resources held = allocator.held("A", "eng/web", "agent0").plus(allocator.held("B", "eng/data", "agent0"));
        String holder = allocator.held("A", "eng/web", "agent0").isEmpty() ? "B" : "A";
        allocator.recover(holder, holder.equals("A") ? "eng/web" : "eng/data", "agent0", held, null);
        assertThat(allocator.allocate(now)).as("below the limit again").isNotEmpty();
    }

    @Test
    void whatIsLackingToAGuaranteeIsKeptFree() {
        allocator.setQuota("prod", new Quota(Map.of("cpus", Scalar.of(6)), Map.of()));
        framework("A", "dev");
        for (int i = 0; i < 4; i++) {
            agent("agent" + i, "cpus:3;mem:1000");
        }
        double given = allocator.allocate(now).stream()
                .mapToDouble(a -> a.resources().scalar("cpus"))
                .sum();
        assertThat(given).as("12 cpus less the 6 owed to prod").isEqualTo(6);
        framework("P", "prod");
        given = allocator.allocate(now).stream()
                .filter(a -> a.frameworkId().equals("P"))
                .mapToDouble(a -> a.resources().scalar("cpus"))
                .sum();
        assertThat(given).isEqualTo(6);
    }
}
