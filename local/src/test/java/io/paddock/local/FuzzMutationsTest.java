package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.master.Call;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FuzzMutationsTest {
    private final Random random = new Random(1);
    private final FuzzMutations mutations = new FuzzMutations(random, new FuzzCalls(random));

    /** What a first change has left of a call is changed again, required fields there or not. */
    @Test
    void aMapWhoseEntryLacksItsValueIsChangedAgain() {
        Call.Builder call = Call.newBuilder().setType(Call.Type.UPDATE_QUOTA);
        call.getUpdateQuotaBuilder()
                .addQuotaConfigsBuilder()
                .setRole("role")
                .putGuarantees("cpus", Value.Scalar.newBuilder().setValue(1).build())
                .putGuarantees("mem", Value.Scalar.newBuilder().buildPartial());

        Set<Map<String, Value.Scalar>> guarantees = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            Call changed = (Call) mutations.message(call.buildPartial());
            changed.getUpdateQuota().getQuotaConfigsList().forEach(config -> guarantees.add(config.getGuaranteesMap()));
        }

        assertThat(guarantees).extracting(Map::keySet).contains(Set.of("cpus", "mem"), Set.of("cpus"), Set.of("mem"));
    }
}
