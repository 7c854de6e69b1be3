package io.paddock.batch.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.batch.core.RunSpec.Constraint;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** When offers are asked for, which runs they take, and why a run waits. */
class OffersTest {
    private final Story story = Story.subscribed();

    @Test
    void asksForOffersAgainWhenNoneFollowARevive() {
        story.create(Story.job("a"));
        story.start("a");
        assertThat(story.callTypes()).containsExactly(Call.Type.SUPPRESS, Call.Type.REVIVE);
        story.pass(Duration.ofSeconds(29));
        assertThat(story.callTypes()).hasSize(2);
        story.pass(Duration.ofSeconds(2));
        assertThat(story.callTypes())
                .as("the first may have been lost")
                .containsExactly(Call.Type.SUPPRESS, Call.Type.REVIVE, Call.Type.REVIVE);
        story.offer(0.001, 1);
        story.pass(Duration.ofMinutes(2));
        assertThat(story.callTypes().stream().filter(type -> type == Call.Type.REVIVE))
                .as("offers come, if only small ones")
                .hasSize(2);
    }

    @Test
    void aWaitingRunSaysWhy() {
        Story alone = new Story();
        alone.create(Story.job("a"));
        alone.start("a");
        assertThat(alone.waiting("a")).isEqualTo("not subscribed to a master yet");
        alone.subscribe();
        assertThat(alone.waiting("a")).isEqualTo("no offer has come since " + Story.START);
        alone.pass(Duration.ofSeconds(10));
        assertThat(alone.waiting("a")).endsWith(": the cluster has nothing free for this framework");
        alone.offer(0.5, 1024);
        alone.offer(0.25, 64);
        assertThat(alone.waiting("a"))
                .isEqualTo(
                        "of 2 offers since " + Story.START + ", 2 had too little cpus (1 needed, at most 0.5 offered),"
                                + " 1 had too little mem (128 needed, at most 64 offered)");
        alone.disconnect();
        assertThat(alone.waiting("a")).isEqualTo("not subscribed to a master: stream broke");
        Answer.Queue queue = (Answer.Queue) alone.ask(new Request.GetQueue());
        assertThat(queue.runs()).hasSize(1);
    }

    static Stream<Arguments> constraints() {
        return Stream.of(
                Arguments.of("rack", Constraint.Operator.IS, "r1", true),
                Arguments.of("rack", Constraint.Operator.IS, "r", false),
                Arguments.of("rack", Constraint.Operator.IS, null, true),
                Arguments.of("rack", Constraint.Operator.LIKE, "r[0-9]", true),
                Arguments.of("rack", Constraint.Operator.UNLIKE, "r[0-9]", false),
                Arguments.of("zone", Constraint.Operator.LIKE, ".*", false),
                Arguments.of("zone", Constraint.Operator.UNLIKE, ".*", true),
                Arguments.of("hostname", Constraint.Operator.IS, "host1", true));
    }

    @ParameterizedTest
    @MethodSource("constraints")
    void constraintsDecideWhereARunMayGo(
            String attribute, Constraint.Operator operator, @Nullable String value, boolean fits) {
        RunSpec plain = Story.run(false, null);
        RunSpec placed = new RunSpec(
                plain.cpus(),
                plain.mem(),
                0,
                0,
                plain.cmd(),
                null,
                null,
                Map.of(),
                List.of(new Constraint(attribute, operator, value)),
                List.of(),
                3600,
                null,
                null,
                List.of(),
                plain.restart(),
                null,
                Map.of(),
                List.of());
        story.create(new JobSpec("a", null, Map.of(), List.of(), placed));
        story.start("a");
        assertThat(story.offer(4, 1024, "rack:r1")).hasSize(fits ? 1 : 0);
        if (!fits) {
            assertThat(story.waiting("a")).contains("did not satisfy constraint " + attribute + " " + operator);
        }
    }

    @Test
    void oneOfferTakesAsManyRunsAsFit() {
        story.create(Story.job("a"));
        for (int i = 0; i < 5; i++) {
            story.start("a");
        }
        assertThat(story.offer(3.5, 10_000)).hasSize(3);
        assertThat(story.waiting("a")).isNotEmpty();
        assertThat(story.offer(8, 10_000)).hasSize(2);
        assertThat(story.lastCall().getType()).isEqualTo(Call.Type.SUPPRESS);
    }
}
