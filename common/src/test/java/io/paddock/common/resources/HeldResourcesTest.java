package io.paddock.common.resources;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.resources.Quantity.Scalar;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeldResourcesTest {
    private static final Resources SHARED = Resources.of(
            new ResourceKey(
                    "disk",
                    List.of(new Reservation(Reservation.Type.DYNAMIC, "db", null, List.of())),
                    new Disk(new Disk.Persistence("v", null), new Disk.Volume("RW", "data", null), null),
                    false,
                    true,
                    null,
                    null),
            Scalar.of(100));
    private static final Resources CPU = Resources.parse("cpus:1");

    @Test
    void whatIsSharedCountsOnceAsLongAsOneHoldsIt() {
        HeldResources held = new HeldResources();
        held.add(CPU.plus(SHARED));
        held.add(CPU.plus(SHARED));
        assertThat(held.sum()).isEqualTo(Resources.parse("cpus:2").plus(SHARED));
        held.remove(CPU.plus(SHARED));
        assertThat(held.sum()).isEqualTo(CPU.plus(SHARED));
        held.remove(CPU.plus(SHARED));
        assertThat(held.sum()).isEqualTo(Resources.EMPTY);
    }

    @Test
    void sumsOfPartsAreTreatedAlike() {
        assertThat(HeldResources.sum(List.of(CPU.plus(SHARED), SHARED))).isEqualTo(CPU.plus(SHARED));
    }
}
