package io.paddock.master.core;

import static io.paddock.master.core.MasterHarness.call;
import static io.paddock.master.core.MasterHarness.frameworkInfo;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.Filters;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Offers declined without a filter: at once for everybody, once a batch for who goes on to decline them. */
class DeclineTest {
    private final MasterHarness master = new MasterHarness();
    private String decliner = "";

    @BeforeEach
    void anAgentIsOffered() {
        master.register("a", "cpus:4;mem:4096");
        decliner = master.subscribed("s", frameworkInfo("f", "web"));
        master.settle();
        assertThat(master.offers("s")).hasSize(1);
    }

    private void decline(Call.Builder call) {
        master.call("s", call);
    }

    private Call.Builder declined(double refuseSeconds) {
        Call.Builder call = call(decliner, Call.Type.DECLINE);
        call.getDeclineBuilder()
                .addOfferIds(newest().getId())
                .setFilters(Filters.newBuilder().setRefuseSeconds(refuseSeconds));
        return call;
    }

    private Offer newest() {
        List<Offer> offers = master.offers("s");
        return offers.get(offers.size() - 1);
    }

    @Test
    void whoDeclinesAllItSeesIsAskedTwiceASecond() {
        for (int i = 0; i < 500; i++) {
            decline(declined(0));
            master.settle();
        }
        assertThat(master.offers("s")).hasSizeBetween(10, 13);
    }

    @Test
    void soIsWhoAcceptsWithoutAnOperation() {
        for (int i = 0; i < 500; i++) {
            Call.Builder accept = call(decliner, Call.Type.ACCEPT);
            accept.getAcceptBuilder()
                    .addOfferIds(newest().getId())
                    .setFilters(Filters.newBuilder().setRefuseSeconds(0));
            decline(accept);
            master.settle();
        }
        assertThat(master.offers("s")).hasSizeBetween(10, 13);
    }

    @Test
    void soIsWhoAcceptsAndLaunchesNothing() {
        for (int i = 0; i < 500; i++) {
            Call.Builder accept = call(decliner, Call.Type.ACCEPT);
            accept.getAcceptBuilder()
                    .addOfferIds(newest().getId())
                    .setFilters(Filters.newBuilder().setRefuseSeconds(0))
                    .addOperationsBuilder()
                    .setType(Offer.Operation.Type.LAUNCH)
                    .getLaunchBuilder();
            decline(accept);
            master.settle();
        }
        assertThat(master.offers("s")).hasSizeBetween(10, 13);
    }

    @Test
    void whatIsDeclinedIsSharedAnewAtOnce() {
        master.register("b", "cpus:4;mem:4096");
        master.settle();
        assertThat(master.offers("s")).hasSize(2);
        master.subscribed("t", frameworkInfo("g", "db"));
        master.settle();
        assertThat(master.offers("t")).isEmpty();
        Call.Builder both = declined(0);
        both.getDeclineBuilder().addOfferIds(master.offers("s").get(0).getId());
        decline(both);
        master.settle();
        assertThat(master.offers("t")).hasSize(1);
        assertThat(master.offers("s")).hasSize(3);
    }

    @Test
    void othersAreOfferedAtOnceWhatIsDeclinedAgain() {
        decline(declined(0));
        master.settle();
        assertThat(master.offers("s")).hasSize(2);
        master.subscribed("t", frameworkInfo("g", "db"));
        decline(declined(0));
        master.settle();
        assertThat(master.offers("s")).hasSize(2);
        assertThat(master.offers("t")).hasSize(1);
    }

    @Test
    void aReviveEndsTheWaitAndALongerFilterOutlastsTheBatch() {
        decline(declined(0));
        master.call("s", call(decliner, Call.Type.REVIVE));
        master.settle();
        assertThat(master.offers("s")).hasSize(2);
        decline(declined(3));
        master.advance(Duration.ofSeconds(2));
        assertThat(master.offers("s")).hasSize(2);
        master.advance(Duration.ofSeconds(2));
        assertThat(master.offers("s")).hasSize(3);
    }
}
