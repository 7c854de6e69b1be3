package io.paddock.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.WeightInfo;
import io.paddock.proto.v1.master.Call;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Weights of {@code --weights}: the registry's from the first start on, and forgotten where it has some. */
class WeightsTest {
    @Test
    void theFlagsWeightsAreStoredOnceAndThenTheRegistrysCount() {
        MasterHarness master = new MasterHarness(MasterHarness.config(new TreeMap<>(Map.of("web", 2.0, "db", 0.5))));
        assertThat(master.snapshot().weights()).containsOnly(Map.entry("web", 2.0), Map.entry("db", 0.5));
        assertThat(master.store).containsOnlyKeys("weights/web", "weights/db");
        Call.Builder update = Call.newBuilder().setType(Call.Type.UPDATE_WEIGHTS);
        update.getUpdateWeightsBuilder()
                .addWeightInfos(WeightInfo.newBuilder().setRole("web").setWeight(7));
        assertThat(master.operate(update).outcome()).isEqualTo(MasterEffect.Outcome.DONE);
        master.failOver("m2");
        assertThat(master.snapshot().weights()).containsOnly(Map.entry("web", 7.0), Map.entry("db", 0.5));
    }

    @Test
    void aMasterThatEndsBeforeTheyAreStoredLeavesThemToTheNext() {
        MasterHarness master = new MasterHarness(MasterHarness.config(new TreeMap<>(Map.of("web", 2.0, "db", 0.5))));
        master.store.clear();
        master.confirmWrites = false;
        master.failOver("m2");
        assertThat(master.unconfirmed).as("its write is under way").hasSize(1);
        assertThat(master.snapshot().weights()).isEmpty();
        master.store.clear();
        master.failOver("m3");
        master.confirmAll();
        assertThat(master.snapshot().weights()).containsOnly(Map.entry("web", 2.0), Map.entry("db", 0.5));
        assertThat(master.store).containsOnlyKeys("weights/web", "weights/db");
    }

    @Test
    void withoutTheFlagNothingIsStored() {
        MasterHarness master = new MasterHarness();
        assertThat(master.store).isEmpty();
        assertThat(master.snapshot().weights()).isEmpty();
    }
}
