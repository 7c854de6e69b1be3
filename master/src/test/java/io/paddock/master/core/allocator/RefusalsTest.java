package io.paddock.master.core.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a framework declined, suppressed or left behind, and who gets it then. */
class RefusalsTest extends AllocatorScenario {
    @Test
    void declinedResourcesGoToTheOthersAtOnceAndBackWhenTheFilterEnds() {
        framework("A", "*");
        framework("B", "*");
        agent("1", "cpus:4;mem:1000;ports:[31000-31009]");
        String all = "cpus:4;mem:1000;ports:[31000-31009]";
        assertThat(offers()).containsExactly("A/* <- 1: " + all);
        decline("A", "*", "1", all, 5);
        assertThat(allocator.hasWork()).isTrue();
        assertThat(offers()).containsExactly("B/* <- 1: " + all);
        decline("B", "*", "1", all, 60);
        assertThat(offers()).as("both refused").isEmpty();
        assertThat(allocator.nextDeadline()).contains(START.plusSeconds(5));
        now = START.plus(Duration.ofMillis(4999));
        assertThat(offers()).isEmpty();
        now = START.plusSeconds(5);
        assertThat(offers()).as("A's filter ended").containsExactly("A/* <- 1: " + all);
    }

    @Test
    void aFilterHidesSubsetsOnly() {
        framework("A", "*");
        agent("1", "cpus:4;mem:1000");
        offers();
        decline("A", "*", "1", "cpus:2;mem:500", 60);
        assertThat(offers()).as("just what was refused").isEmpty();
        decline("A", "*", "1", "cpus:1", 0);
        assertThat(offers()).as("a cpu more than was refused").containsExactly("A/* <- 1: cpus:3;mem:500");
        decline("A", "*", "1", "cpus:2", 0);
        assertThat(offers())
                .as("less than was refused, the filter is still there")
                .isEmpty();
    }

    @Test
    void aShortRefusalOfMoreDoesNotEndALongOne() {
        framework("A", "*");
        agent("1", "cpus:4;mem:1000");
        offers();
        decline("A", "*", "1", "cpus:3;mem:1000", 60);
        decline("A", "*", "1", "cpus:1", 1);
        assertThat(offers()).as("a cpu more than was refused").containsExactly("A/* <- 1: cpus:4;mem:1000");
        decline("A", "*", "1", "cpus:4;mem:1000", 1);
        assertThat(offers()).isEmpty();
        allocator.allocated("A", "*", "1", r("cpus:1"));
        now = START.plusSeconds(1);
        assertThat(offers()).as("less than was refused for a minute").isEmpty();
        decline("A", "*", "1", "cpus:1", 0);
        assertThat(offers()).as("more than was refused for a minute").containsExactly("A/* <- 1: cpus:4;mem:1000");
        decline("A", "*", "1", "cpus:4;mem:1000", 0);
        allocator.allocated("A", "*", "1", r("cpus:1"));
        now = START.plusSeconds(59);
        assertThat(offers()).isEmpty();
        now = START.plusSeconds(60);
        assertThat(offers()).containsExactly("A/* <- 1: cpus:3;mem:1000");
    }

    @Test
    void whoRefusesEverMoreForEverShorterKeepsSoManyRefusals() {
        framework("A", "*");
        agent("1", "cpus:9;mem:1000");
        offers();
        decline("A", "*", "1", "cpus:1;mem:1000", 90);
        for (int more = 2; more < 9; more++) {
            decline("A", "*", "1", "cpus:1", 90 - 10 * more);
            assertThat(offers()).as("a cpu more than was refused").hasSize(1);
            decline("A", "*", "1", "cpus:%d;mem:1000".formatted(more), 90 - 10 * more);
            assertThat(offers()).as("just refused").isEmpty();
        }
        assertThat(allocator.figures().roles().get("*").refusals()).isEqualTo(Refusals.MAX_OF_A_CLIENT);
        allocator.revive("A", List.of());
        assertThat(allocator.figures().roles().get("*").refusals()).isZero();
        assertThat(offers()).hasSize(1);
    }

    @Test
    void reviveEndsFiltersAndSuppression() {
        framework("A", "x", "y");
        agent("1", "cpus:4;mem:1000");
        assertThat(offers()).containsExactly("A/x <- 1: cpus:4;mem:1000");
        decline("A", "x", "1", "cpus:4;mem:1000", 600);
        assertThat(offers()).containsExactly("A/y <- 1: cpus:4;mem:1000");
        decline("A", "y", "1", "cpus:4;mem:1000", 600);
        assertThat(offers()).isEmpty();
        allocator.revive("A", List.of("x"));
        assertThat(offers()).containsExactly("A/x <- 1: cpus:4;mem:1000");
        decline("A", "x", "1", "cpus:4;mem:1000", 0);
        allocator.suppress("A", List.of());
        assertThat(offers()).as("suppressed in all roles").isEmpty();
        assertThat(allocator.hasWork()).isFalse();
        allocator.revive("A", List.of());
        assertThat(offers()).hasSize(1);
    }

    @Test
    void aDisconnectedFrameworkKeepsWhatItHoldsAndLosesItsFilters() {
        framework("A", "*");
        agent("1", "cpus:4;mem:1000");
        offers();
        decline("A", "*", "1", "cpus:3;mem:1000", 600);
        allocator.deactivateFramework("A");
        assertThat(offers()).isEmpty();
        assertThat(allocator.held("A", "*", "1")).isEqualTo(r("cpus:1"));
        allocator.activateFramework("A");
        assertThat(offers()).containsExactly("A/* <- 1: cpus:3;mem:1000");
    }

    @Test
    void whatARemovedFrameworkHoldsStaysTakenUntilRecovered() {
        framework("A", "*");
        agent("1", "cpus:4;mem:1000");
        offers();
        allocator.removeFramework("A");
        assertThat(allocator.hasFramework("A")).isFalse();
        framework("B", "*");
        assertThat(offers()).isEmpty();
        decline("A", "*", "1", "cpus:4;mem:1000", 0);
        assertThat(offers()).containsExactly("B/* <- 1: cpus:4;mem:1000");
    }
}
