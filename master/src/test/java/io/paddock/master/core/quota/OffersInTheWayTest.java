package io.paddock.master.core.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.Quota;
import io.paddock.master.core.snapshot.OfferView;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Which offers new quotas take back, and what nested quotas add up to. */
class OffersInTheWayTest {
    private final TreeMap<String, Quota> quotas = new TreeMap<>();
    private final QuotaConsumption used = new QuotaConsumption();

    private void guarantee(String role, double cpus) {
        quotas.merge(
                role,
                new Quota(Map.of("cpus", Scalar.of(cpus)), Map.of()),
                (a, b) -> new Quota(b.guarantees(), a.limits()));
    }

    private void limit(String role, double cpus) {
        quotas.merge(
                role,
                new Quota(Map.of(), Map.of("cpus", Scalar.of(cpus))),
                (a, b) -> new Quota(a.guarantees(), b.limits()));
    }

    private void uses(String role, String resources) {
        used.add(Resources.parse(resources).allocatedTo(role), 1);
    }

    private static OfferView offer(String id, String role, String resources) {
        return new OfferView(
                id, "f-" + role, "agent", role, Resources.parse(resources).allocatedTo(role), Instant.EPOCH, null);
    }

    private List<String> rescinded(String free, OfferView... newestFirst) {
        return OffersInTheWay.find(new QuotaTree(quotas), used, Resources.parse(free), Arrays.asList(newestFirst))
                .stream()
                .map(OfferView::id)
                .toList();
    }

    @Test
    void nothingStandsInTheWayOfWhatIsFreeOrUsedAlready() {
        guarantee("a", 4);
        uses("a", "cpus:2");
        assertThat(rescinded("cpus:2", offer("o1", "b", "cpus:8"))).isEmpty();
    }

    @Test
    void asManyOffersAsAGuaranteeLacksNewestFirst() {
        guarantee("a", 4);
        assertThat(rescinded(
                        "cpus:1", offer("o3", "b", "cpus:2"), offer("o2", "b", "cpus:2"), offer("o1", "b", "cpus:2")))
                .containsExactly("o3", "o2");
    }

    @Test
    void anOfferOfOtherThingsStays() {
        guarantee("a", 4);
        assertThat(rescinded("mem:1", offer("o2", "b", "mem:64"), offer("o1", "b", "cpus:4;mem:64")))
                .containsExactly("o1");
    }

    @Test
    void anOfferThatItsOwnRoleIsOwedStaysAsItsEndWouldGainNothing() {
        guarantee("a", 4);
        guarantee("b", 4);
        assertThat(rescinded("mem:1", offer("o2", "b", "cpus:4"), offer("o1", "c", "cpus:4")))
                .containsExactly("o1");
    }

    @Test
    void anOfferBeyondTheGuaranteeOfItsOwnRoleGoes() {
        guarantee("a", 4);
        guarantee("b", 2);
        assertThat(rescinded("mem:1", offer("o1", "b", "cpus:8"))).containsExactly("o1");
    }

    @Test
    void offersBeyondALimitGoAlsoThoseToRolesBelow() {
        limit("a", 3);
        uses("a", "cpus:1");
        assertThat(rescinded(
                        "cpus:9",
                        offer("o4", "a/x", "mem:64"),
                        offer("o3", "a/x", "cpus:2"),
                        offer("o2", "b", "cpus:2"),
                        offer("o1", "a", "cpus:2")))
                .containsExactly("o3");
    }

    @Test
    void aLimitThatTasksExceedDoesNotKeepOtherLimitsFromBeingHeld() {
        limit("a", 1);
        limit("b", 1);
        uses("a", "cpus:4");
        assertThat(rescinded("cpus:1", offer("o1", "b", "cpus:2"))).containsExactly("o1");
    }

    @Test
    void whatIsReservedToARoleCountsOnceUsedOrNot() {
        Resources reserved = Resources.parse("cpus(a):4");
        QuotaConsumption consumption = new QuotaConsumption();
        consumption.add(reserved.allocatedTo("a"), 1);
        assertThat(consumption.of("a", "cpus")).isZero();
    }

    @Test
    void aSubtreeIsGuaranteedTheLargerOfItsTopAndOfWhatIsBelow() {
        guarantee("a", 4);
        guarantee("a/x", 1);
        guarantee("a/y", 2);
        guarantee("b/x", 5);
        QuotaTree tree = new QuotaTree(quotas);
        assertThat(tree.misfit()).isEmpty();
        assertThat(tree.guaranteed()).isEqualTo(Map.of("cpus", 9_000L));
        uses("a/x", "cpus:1");
        assertThat(tree.lacking(used)).isEqualTo(Map.of("cpus", 8_000L));
        uses("a/x", "cpus:3");
        // a itself is satisfied now, a/y is still owed its two.
        assertThat(tree.lacking(used)).isEqualTo(Map.of("cpus", 7_000L));
    }

    @Test
    void guaranteesBelowMustFitIntoTheGuaranteeAndUnderTheLimitAbove() {
        guarantee("a", 4);
        guarantee("a/b/x", 3);
        guarantee("a/y", 2);
        assertThat(new QuotaTree(quotas).misfit())
                .contains("the roles below 'a' (a/b/x, a/y) are guaranteed 5 cpus, but the guarantee of 'a' is 4");
        quotas.remove("a");
        limit("a", 4.5);
        assertThat(new QuotaTree(quotas).misfit())
                .hasValueSatisfying(why -> assertThat(why).endsWith("the limit of 'a' is 4.5"));
        quotas.remove("a");
        assertThat(new QuotaTree(quotas).misfit()).isEmpty();
    }
}
