package io.paddock.platform.timers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.Test;

class FarTimerTest {
    private static final Duration TEN_YEARS = Duration.ofDays(3650);

    private interface Command {}

    private record Later(FarTimer<Command> timer) implements Command {}

    private record Ring() implements Command {}

    private static Behavior<Command> clock(ActorRef<Command> heard, Duration delay) {
        return Behaviors.withTimers(timers -> {
            new FarTimer<Command>("bell", new Ring(), delay).start(timers, Later::new);
            return Behaviors.receive(Command.class)
                    .onMessage(Later.class, later -> {
                        later.timer().start(timers, Later::new);
                        return Behaviors.same();
                    })
                    .onMessage(Ring.class, ring -> {
                        heard.tell(ring);
                        return Behaviors.same();
                    })
                    .build();
        });
    }

    @Test
    void aTimerFarAheadRingsOnceAndNotBefore() {
        ActorTestKit kit = ActorTestKit.create(ManualTime.config());
        try {
            ManualTime time = ManualTime.get(kit.system());
            TestProbe<Command> probe = kit.createTestProbe();
            kit.spawn(clock(probe.ref(), TEN_YEARS));
            for (int i = 0; i < TEN_YEARS.dividedBy(FarTimer.STEP); i++) {
                time.expectNoMessageFor(FarTimer.STEP, probe);
            }
            time.timePasses(FarTimer.STEP);
            probe.expectMessage(new Ring());
            time.expectNoMessageFor(TEN_YEARS, probe);
        } finally {
            kit.shutdownTestKit();
        }
    }

    @Test
    void theRealClockTakesItWhereItTakesNoPlainTimer() {
        ActorTestKit kit = ActorTestKit.create();
        try {
            TestProbe<Command> probe = kit.createTestProbe();
            assertThatThrownBy(() -> kit.system()
                            .scheduler()
                            .scheduleOnce(TEN_YEARS, () -> {}, kit.system().executionContext()))
                    .hasMessageContaining("too far in future");
            ActorRef<Command> actor = kit.spawn(clock(probe.ref(), TEN_YEARS));
            actor.tell(new Ring());
            assertThat(probe.receiveMessage()).isEqualTo(new Ring());
        } finally {
            kit.shutdownTestKit();
        }
    }
}
