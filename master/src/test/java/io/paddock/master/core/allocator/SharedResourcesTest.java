package io.paddock.master.core.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.resources.Disk;
import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.common.resources.Reservation;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.FrameworkTraits.Capability;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A volume that several may use goes with every offer of its agent, and counts once. */
class SharedResourcesTest {
    private static final Resources VOLUME = volume(true);
    private static final Resources CPUS = Resources.parse("cpus:4;mem:1000");
    private static final Resources HALF = Resources.parse("cpus:2;mem:500");

    private final Scene scene = new Scene();

    private static Resources volume(boolean shared) {
        ResourceKey key = new ResourceKey(
                "disk",
                List.of(new Reservation(Reservation.Type.DYNAMIC, "db", null, List.of())),
                new Disk(new Disk.Persistence("v", null), new Disk.Volume("RW", "data", null), null),
                false,
                shared,
                null,
                null);
        return Resources.of(key, Scalar.of(100));
    }

    private void framework(String id, Capability... capabilities) {
        scene.allocator.addFramework(
                id, new FrameworkTraits(Set.of("db"), Set.of(), Set.of(capabilities), Map.of()), true);
    }

    @BeforeEach
    void anAgentWithAVolume() {
        scene.allocator.addAgent("1", AgentTraits.MODERN, CPUS.plus(VOLUME), List.of(), true);
        framework("A", Capability.SHARED_RESOURCES);
    }

    @Test
    void twoFrameworksHaveItAtTheSameTime() {
        assertThat(scene.offers())
                .extracting(Allocation::resources)
                .as("A gets all")
                .containsExactly(CPUS.plus(VOLUME));
        assertThat(scene.allocator.free("1")).as("it is still there for others").isEqualTo(VOLUME);
        framework("B", Capability.SHARED_RESOURCES);
        assertThat(scene.offers()).as("alone it is nothing to offer").isEmpty();
        scene.allocator.recover("A", "db", "1", HALF, null);
        assertThat(scene.offers())
                .as("A uses half and the volume; B gets half and the volume too")
                .containsExactly(new Allocation("B", "db", "1", HALF.plus(VOLUME)));
        scene.allocator.recover("A", "db", "1", HALF.plus(VOLUME), null);
        scene.allocator.recover("B", "db", "1", HALF.plus(VOLUME), null);
        assertThat(scene.allocator.free("1")).as("once").isEqualTo(CPUS.plus(VOLUME));
    }

    @Test
    void itCountsOnceInTheShareOfWhoeverUsesItSeveralTimes() {
        scene.allocator.suppress("A", List.of());
        scene.allocator.allocated("A", "db", "1", VOLUME);
        assertThat(scene.allocator.share("db")).as("all disk there is").isEqualTo(1.0);
        scene.allocator.allocated("A", "db", "1", VOLUME);
        assertThat(scene.allocator.share("db")).isEqualTo(1.0);
        scene.allocator.recover("A", "db", "1", VOLUME, null);
        assertThat(scene.allocator.share("db")).as("one use is left").isEqualTo(1.0);
        scene.allocator.recover("A", "db", "1", VOLUME, null);
        assertThat(scene.allocator.share("db")).isZero();
    }

    @Test
    void whoDoesNotKnowSharedResourcesDoesNotSeeThem() {
        scene.allocator.suppress("A", List.of());
        framework("old");
        assertThat(scene.offers()).extracting(Allocation::resources).containsExactly(CPUS);
    }

    @Test
    void anAgentThatComesBackWithUsersHasItFreeAllTheSame() {
        scene.allocator.removeAgent("1");
        scene.allocator.addAgent(
                "1",
                AgentTraits.MODERN,
                CPUS.plus(VOLUME),
                List.of(new Allocation("A", "db", "1", VOLUME), new Allocation("A", "db", "1", HALF.plus(VOLUME))),
                true);
        assertThat(scene.allocator.free("1")).isEqualTo(HALF.plus(VOLUME));
        scene.allocator.updateAgent("1", AgentTraits.MODERN, CPUS.plus(VOLUME));
        assertThat(scene.allocator.free("1")).isEqualTo(HALF.plus(VOLUME));
        assertThat(scene.offers()).extracting(Allocation::resources).containsExactly(HALF.plus(VOLUME));
    }

    @Test
    void createdItIsThereForAllAndDestroyedForNobody() {
        Resources reserved =
                VOLUME.mapKeys(key -> new ResourceKey(key.name(), key.reservations(), null, false, false, null, null));
        scene.allocator.removeAgent("1");
        scene.allocator.addAgent("1", AgentTraits.MODERN, CPUS.plus(reserved), List.of(), true);
        assertThat(scene.offers()).hasSize(1);
        scene.allocator.convert("A", "db", "1", reserved, VOLUME);
        assertThat(scene.allocator.free("1")).isEqualTo(VOLUME);
        framework("B", Capability.SHARED_RESOURCES);
        scene.allocator.recover("A", "db", "1", HALF, null);
        assertThat(scene.offers()).extracting(Allocation::resources).containsExactly(HALF.plus(VOLUME));
        assertThat(scene.allocator.convertFree("1", VOLUME, reserved))
                .as("both have it")
                .isFalse();
        scene.allocator.recover("B", "db", "1", VOLUME, null);
        scene.allocator.convert("A", "db", "1", VOLUME, reserved);
        assertThat(scene.allocator.free("1")).as("A holds the disk it was").isEqualTo(Resources.EMPTY);
        assertThat(scene.allocator.held("A", "db", "1")).isEqualTo(HALF.plus(reserved));
    }
}
