package io.paddock.marathon.core.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.marathon.core.instance.Agent;
import io.paddock.marathon.core.instance.Condition;
import io.paddock.marathon.core.instance.Goal;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.Constraint;
import io.paddock.marathon.core.model.Constraint.Operator;
import io.paddock.marathon.core.model.PathId;
import io.paddock.proto.v1.Attribute;
import io.paddock.proto.v1.Value;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each operator, as a table: where instances are, where one is offered, whether it may go there. */
class ConstraintsTest {
    private static Agent agent(String host, @Nullable String rack) {
        return new Agent(
                "id-" + host, host, "r1", "z1", rack == null ? new TreeMap<>() : new TreeMap<>(Map.of("rack", rack)));
    }

    private static Instance placed(Agent agent, int n) {
        Instant at = Instant.EPOCH;
        return new Instance(
                "a.instance-" + n,
                PathId.of("/a"),
                at,
                at,
                1,
                Condition.RUNNING,
                at,
                Goal.RUNNING,
                "*",
                agent,
                List.of(),
                List.of(),
                at,
                at,
                null,
                null);
    }

    private static boolean ok(Constraint c, Agent offered, List<String> racks, List<String> known) {
        List<Instance> placed = new ArrayList<>();
        for (int i = 0; i < racks.size(); i++) {
            placed.add(placed(agent("h" + i, racks.get(i)), i));
        }
        return Constraints.satisfied(List.of(c), offered, placed, field -> known);
    }

    @ParameterizedTest(name = "{0} {1} with {2} on {3}: {4}")
    @CsvSource(
            nullValues = "-",
            value = {
                // operator, value, racks of placed instances, offered rack, accepted
                "UNIQUE, -, a b, c, true",
                "UNIQUE, -, a b, a, false",
                "UNIQUE, -, '', -, false",
                "CLUSTER, a, '', a, true",
                "CLUSTER, a, '', b, false",
                "CLUSTER, -, '', b, true",
                "CLUSTER, -, a a, a, true",
                "CLUSTER, -, a a, b, false",
                "LIKE, a|b, '', b, true",
                "LIKE, a, '', ab, false",
                "LIKE, .*, '', -, false",
                "UNLIKE, a, '', ab, true",
                "UNLIKE, a, '', a, false",
                "UNLIKE, a, '', -, true",
                "MAX_PER, 2, a b, a, true",
                "MAX_PER, 2, a a, a, false",
                "IS, a, '', a, true",
                "IS, a, '', b, false",
                "IS, 1.50, '', 1.5, true",
                "GROUP_BY, -, a, b, true",
                "GROUP_BY, -, a, a, false",
                "GROUP_BY, -, a b c, a, true",
                "GROUP_BY, 2, a b, c, false",
                "GROUP_BY, 2, a b, a, true",
                "GROUP_BY, 2, a a b, a, false",
                "GROUP_BY, 3, a, b, true",
            })
    void operators(String operator, @Nullable String value, String racks, @Nullable String offered, boolean accepted) {
        Constraint c = new Constraint("rack", Operator.valueOf(operator), value);
        List<String> placed = racks.isEmpty() ? List.of() : List.of(racks.split(" "));
        assertThat(ok(c, agent("host", offered), placed, List.of("a", "b", "c")))
                .isEqualTo(accepted);
    }

    @Test
    void fieldsOfTheAgentItself() {
        assertThat(ok(new Constraint("hostname", Operator.LIKE, "h.*"), agent("h1", null), List.of(), List.of()))
                .isTrue();
        assertThat(ok(new Constraint("@region", Operator.IS, "r1"), agent("h1", null), List.of(), List.of()))
                .isTrue();
        assertThat(ok(new Constraint("@zone", Operator.IS, "z2"), agent("h1", null), List.of(), List.of()))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3})
    void groupBySpreadsEvenlyWhateverTheOrderOfOffers(int groups) {
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            List<String> racks = new ArrayList<>();
            List<String> all = List.of("a", "b", "c");
            Constraint c = new Constraint("rack", Operator.GROUP_BY, groups == 0 ? null : "" + groups);
            for (int tries = 0; tries < 500 && racks.size() < 12; tries++) {
                String rack = all.get(random.nextInt(3));
                if (ok(c, agent("h", rack), racks, all)) {
                    racks.add(rack);
                }
                Map<String, Integer> counts = new HashMap<>();
                racks.forEach(r -> counts.merge(r, 1, Integer::sum));
                int max = counts.values().stream().mapToInt(i -> i).max().orElse(0);
                int used = groups == 2 ? 2 : 3;
                int min = counts.size() < used
                        ? 0
                        : counts.values().stream().mapToInt(i -> i).min().orElse(0);
                assertThat(max - min).as("seed %d: %s", seed, counts).isLessThanOrEqualTo(1);
            }
            assertThat(racks).as("seed %d", seed).hasSize(12);
        }
    }

    @Test
    void attributesInTheirTextForm() {
        assertThat(AgentText.number(1.5)).isEqualTo("1.5");
        assertThat(AgentText.number(2)).isEqualTo("2");
        assertThat(AgentText.number(0.12345)).isEqualTo("0.123");
        Attribute ranges = Attribute.newBuilder()
                .setName("p")
                .setType(Value.Type.RANGES)
                .setRanges(Value.Ranges.newBuilder()
                        .addRange(Value.Range.newBuilder().setBegin(5).setEnd(6))
                        .addRange(Value.Range.newBuilder().setBegin(1).setEnd(2)))
                .build();
        assertThat(AgentText.text(ranges)).isEqualTo("[1-2,5-6]");
        Attribute set = Attribute.newBuilder()
                .setName("s")
                .setType(Value.Type.SET)
                .setSet(Value.Set.newBuilder().addItem("b").addItem("a"))
                .build();
        assertThat(AgentText.text(set)).isEqualTo("{a,b}");
    }
}
