package io.paddock.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.Rejection;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.MasterEffect.Answer;
import io.paddock.master.core.MasterEffect.Outcome;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.quota.QuotaConfig;
import io.paddock.proto.v1.quota.QuotaRequest;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Quota in the master: what is refused, when it counts, and what becomes of outstanding offers. */
class QuotaTest {
    private final MasterHarness master = new MasterHarness();

    private static Value.Scalar amount(double value) {
        return Value.Scalar.newBuilder().setValue(value).build();
    }

    /** @param amounts such as {@code cpus:2;mem:64} */
    private static QuotaConfig quota(String role, String guarantees, String limits) {
        QuotaConfig.Builder config = QuotaConfig.newBuilder().setRole(role);
        amounts(guarantees).forEach(a -> config.putGuarantees(a[0], amount(Double.parseDouble(a[1]))));
        amounts(limits).forEach(a -> config.putLimits(a[0], amount(Double.parseDouble(a[1]))));
        return config.build();
    }

    private static List<String[]> amounts(String text) {
        return Arrays.stream(text.split(";"))
                .filter(a -> !a.isEmpty())
                .map(a -> a.split(":"))
                .toList();
    }

    private Answer update(boolean force, QuotaConfig... configs) {
        return master.operate(Call.newBuilder()
                .setType(Call.Type.UPDATE_QUOTA)
                .setUpdateQuota(Call.UpdateQuota.newBuilder().setForce(force).addAllQuotaConfigs(List.of(configs))));
    }

    private void updated(QuotaConfig... configs) {
        assertThat(update(false, configs)).isEqualTo(Answer.DONE);
    }

    private Answer set(boolean force, String role, String guarantee) {
        return master.operate(Call.newBuilder()
                .setType(Call.Type.SET_QUOTA)
                .setSetQuota(Call.SetQuota.newBuilder()
                        .setQuotaRequest(QuotaRequest.newBuilder()
                                .setForce(force)
                                .setRole(role)
                                .addAllGuarantee(ResourceMessages.toMessages(Resources.parse(guarantee))))));
    }

    private Answer remove(String role) {
        return master.operate(Call.newBuilder()
                .setType(Call.Type.REMOVE_QUOTA)
                .setRemoveQuota(Call.RemoveQuota.newBuilder().setRole(role)));
    }

    private void assertRefused(Answer answer, Rejection.Code code, String message) {
        assertThat(answer.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(answer.rejection().code()).isEqualTo(code);
        assertThat(answer.rejection().message()).contains(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            emptyValue = "",
            value = {
                "a/*    | cpus:1  | ''      | quota_configs[0].role: role 'a/*' must not",
                "a//b   | cpus:1  | ''      | quota_configs[0].role: role 'a//b' must not",
                "a      | cpus:-1 | ''      | quota_configs[0].guarantees['cpus']: must be from 0 to",
                "a      | cpus:NaN| ''      | quota_configs[0].guarantees['cpus']: must be from 0 to",
                "a      | ''      | mem:Infinity | quota_configs[0].limits['mem']: must be from 0 to",
                "a      | cpus:2  | cpus:1  | quota_configs[0].guarantees['cpus']: 2 is more than the limit 1",
                "a      | ports:2 | ''      | quota_configs[0].guarantees['ports']: only scalars can have a quota",
                "a      | zones:2 | ''      | quota_configs[0].guarantees['zones']: only scalars can have a quota",
                "a      | a b:2   | ''      | quota_configs[0].guarantees['a b']: is not the name of a resource",
                "a      | cpus:9  | ''      | quota_configs: all guarantees together would be 9 cpus, but the agents have 8",
                "a      | mem:9   | ''      | quota_configs: all guarantees together would be 9 mem, but the agents have 0",
            })
    void aQuotaThatMakesNoSenseIsRefusedAndChangesNothing(String role, String guarantees, String limits, String why) {
        master.register("l1", "cpus:8;zones:{a,b}");
        int before = master.store.size();
        assertRefused(update(false, quota(role, guarantees, limits)), Rejection.Code.INVALID, why);
        assertThat(master.store).hasSize(before);
        assertThat(master.snapshot().quotas()).isEmpty();
    }

    @Test
    void anUpdateIsAllOrNothing() {
        master.register("l1", "cpus:8");
        assertRefused(
                update(false, quota("a", "cpus:1", ""), quota("b", "cpus:-1", "")),
                Rejection.Code.INVALID,
                "update_quota.quota_configs[1].guarantees['cpus']");
        assertRefused(
                update(false, quota("a", "cpus:1", ""), quota("a", "cpus:2", "")),
                Rejection.Code.INVALID,
                "update_quota.quota_configs[1].role: role 'a' is given twice");
        assertRefused(update(false), Rejection.Code.INVALID, "update_quota.quota_configs: must not be empty");
        assertRefused(
                master.operate(Call.newBuilder().setType(Call.Type.UPDATE_QUOTA)),
                Rejection.Code.INVALID,
                "update_quota: expecting it to be present");
        assertThat(master.snapshot().quotas()).isEmpty();
    }

    @Test
    void moreThanOneWriteHoldsIsRefused() {
        QuotaConfig[] many = new QuotaConfig[20_000];
        Arrays.setAll(many, i -> quota("role-" + i, "", "cpus:1;mem:1"));
        assertRefused(update(false, many), Rejection.Code.INVALID, "too many to be written at once");
    }

    @Test
    void forceGoesBeyondTheCapacityAndBelowWhatIsConsumed() {
        master.register("l1", "cpus:8");
        assertThat(update(true, quota("a", "cpus:100", ""))).isEqualTo(Answer.DONE);
        // What was forced before does not stand in the way of other changes.
        updated(quota("b", "", "cpus:4"));
        assertRefused(update(false, quota("b", "cpus:1", "")), Rejection.Code.INVALID, "would be 101 cpus");
        updated(quota("a", "cpus:50", ""));
    }

    @Test
    void aLimitBelowWhatIsConsumedNeedsForce() {
        master.register("l1", "cpus:8;mem:1024");
        launch("s1", MasterHarness.frameworkInfo("f", "a/x"), "cpus:3;mem:64");
        assertRefused(
                update(false, quota("a", "", "cpus:2")),
                Rejection.Code.INVALID,
                "role 'a' consumes 3 cpus already, more than the limit 2; set force");
        updated(quota("a", "", "cpus:3"));
        assertThat(update(true, quota("a", "", "cpus:2"))).isEqualTo(Answer.DONE);
    }

    @Test
    void guaranteesOfNestedRolesMustFitIntoTheirParents() {
        master.register("l1", "cpus:8");
        updated(quota("a", "cpus:4", ""), quota("a/x", "cpus:3", ""));
        assertRefused(
                update(true, quota("a/y", "cpus:2", "")),
                Rejection.Code.INVALID,
                "the roles below 'a' (a/x, a/y) are guaranteed 5 cpus, but the guarantee of 'a' is 4");
        assertRefused(update(true, quota("a", "cpus:2", "")), Rejection.Code.INVALID, "but the guarantee of 'a' is 2");
        updated(quota("a/y", "cpus:2", ""), quota("a/x", "cpus:2", ""));
    }

    @Test
    void theOldCallsSetAGuaranteeThatIsTheLimitTooAndRemoveIt() {
        master.register("l1", "cpus:8;mem:1024");
        assertThat(set(false, "a", "cpus:2;mem:64")).isEqualTo(Answer.DONE);
        assertThat(master.snapshot().quotas().get("a")).isEqualTo(quota("a", "cpus:2;mem:64", "cpus:2;mem:64"));
        assertRefused(set(false, "a", "cpus:2"), Rejection.Code.INVALID, "role 'a' already has a quota");
        assertThat(remove("a")).isEqualTo(Answer.DONE);
        assertThat(master.snapshot().quotas()).isEmpty();
        assertThat(master.store.keySet()).noneMatch(key -> key.startsWith("quotas/"));
        assertRefused(remove("a"), Rejection.Code.INVALID, "remove_quota.role: role 'a' has no quota");
        assertThat(set(false, "*", "cpus:2"))
                .as("the default role is one as any other")
                .isEqualTo(Answer.DONE);
        assertThat(remove("*")).isEqualTo(Answer.DONE);
    }

    @Test
    void theOldCallRefusesWhatIsNoPlainScalar() {
        master.register("l1", "cpus:8");
        String path = "set_quota.quota_request";
        assertRefused(set(false, "a", ""), Rejection.Code.INVALID, path + ".guarantee: must not be empty");
        assertRefused(set(false, "a", "ports:[1-2]"), Rejection.Code.INVALID, path + ".guarantee[0]: only scalars");
        assertRefused(
                set(false, "a", "cpus(b):1"), Rejection.Code.INVALID, path + ".guarantee[0]: must be a plain amount");
        assertRefused(set(false, "a", "cpus:9"), Rejection.Code.CONFLICT, "but the agents have 8; set force");
        assertThat(set(true, "a", "cpus:9")).isEqualTo(Answer.DONE);
    }

    @Test
    void aQuotaCountsOnlyOnceItIsDurable() {
        master.register("l1", "cpus:8;mem:1024");
        master.confirmWrites = false;
        assertThat(update(false, quota("a", "", "cpus:2"))).isNull();
        assertThat(master.snapshot().quotas()).isEmpty();
        // What is being written counts for what is decided next.
        assertThat(set(false, "a", "cpus:1").rejection().message()).contains("already has a quota");
        master.confirmAll();
        assertThat(master.snapshot().quotas()).containsKey("a");
        assertThat(master.answers).containsValue(Answer.DONE);
    }

    @Test
    void aGuaranteeRescindsOffersToOthersAndIsMetAtOnce() {
        master.register("l1", "cpus:4;mem:1024");
        master.register("l2", "cpus:4;mem:1024");
        master.subscribed("s1", MasterHarness.frameworkInfo("greedy", "b"));
        master.settle();
        assertThat(master.offers("s1")).hasSize(2);
        master.subscribed("s2", MasterHarness.frameworkInfo("owed", "a"));
        master.settle();
        assertThat(master.offers("s2")).isEmpty();

        updated(quota("a", "cpus:3", ""));
        assertThat(master.events("s1", Event.Type.RESCIND)).hasSize(1);
        master.settle();
        assertThat(master.offers("s2")).hasSize(1);
        assertThat(ResourceMessages.fromMessages(master.lastOffer("s2").getResourcesList())
                        .scalar("cpus"))
                .isGreaterThanOrEqualTo(3);
    }

    @Test
    void aLowerLimitRescindsOffersAndNoMoreThanItIsOffered() {
        master.register("l1", "cpus:4;mem:1024");
        String framework = master.subscribed("s1", MasterHarness.frameworkInfo("f", "a"));
        master.settle();
        assertThat(master.offers("s1")).hasSize(1);
        updated(quota("a", "", "cpus:1"));
        assertThat(master.events("s1", Event.Type.RESCIND)).hasSize(1);
        master.settle();
        Offer bounded = master.lastOffer("s1");
        assertThat(ResourceMessages.fromMessages(bounded.getResourcesList()).scalar("cpus"))
                .isEqualTo(1);

        updated(quota("a", "", "cpus:2"));
        assertThat(master.events("s1", Event.Type.RESCIND)).hasSize(1);
        master.accept(
                "s1",
                framework,
                bounded,
                MasterHarness.launch(
                        MasterHarness.task("t", bounded, "cpus:1;mem:64").build()));
        master.settle();
        double offered = master.framework(framework).offered().scalar("cpus");
        assertThat(offered + master.framework(framework).used().scalar("cpus")).isEqualTo(2);

        assertThat(remove("a")).isEqualTo(Answer.DONE);
        master.settle();
        assertThat(master.framework(framework).offered().scalar("cpus")).isEqualTo(3);
    }

    @Test
    void theNextLeaderKeepsQuotasAndHoldsThem() {
        String agent = master.register("l1", "cpus:4;mem:1024");
        updated(quota("a", "", "cpus:1"), quota("b/x", "cpus:1", ""));
        master.failOver("m2");
        assertThat(master.snapshot().quotas().keySet()).containsExactly("a", "b/x");
        // Agents that have yet to come back count for the capacity.
        updated(quota("b/x", "cpus:3", ""));
        assertRefused(update(false, quota("b/x", "cpus:5", "")), Rejection.Code.INVALID, "the agents have 4");
        master.subscribed("s1", MasterHarness.frameworkInfo("f", "a"));
        master.spoke(
                "l2", FromAgent.newBuilder().setReregister(master.reregister("host-l1", "cpus:4;mem:1024", agent)));
        master.settle();
        assertThat(master.lastOffer("s1").getAgentId())
                .isEqualTo(AgentID.newBuilder().setValue(agent).build());
        assertThat(ResourceMessages.fromMessages(master.lastOffer("s1").getResourcesList())
                        .scalar("cpus"))
                .isEqualTo(1);
    }

    @Test
    void withQuotasNothingIsOfferedAfterAnElectionUntilMostAgentsAreBack() {
        List<String> agents = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            agents.add(master.register("l" + i, "cpus:4;mem:1024"));
        }
        updated(quota("a", "", "cpus:6"));
        master.failOver("m2");
        master.subscribed("s1", MasterHarness.frameworkInfo("f", "a"));
        for (int i = 0; i < 3; i++) {
            comesBack(i, agents.get(i));
        }
        assertThat(master.offers("s1")).isEmpty();
        comesBack(3, agents.get(3));
        assertThat(master.offers("s1")).isNotEmpty();

        master.failOver("m3");
        master.subscribed("s2", MasterHarness.frameworkInfo("f", "a"));
        comesBack(0, agents.get(0));
        master.advance(Duration.ofMinutes(9));
        assertThat(master.offers("s2")).isEmpty();
        master.advance(Duration.ofMinutes(2));
        assertThat(master.offers("s2")).hasSize(1);
    }

    private void comesBack(int i, String agent) {
        master.spoke(
                "back-" + i + "-" + master.now,
                FromAgent.newBuilder().setReregister(master.reregister("host-l" + i, "cpus:4;mem:1024", agent)));
        master.settle();
    }

    private void launch(String stream, io.paddock.proto.v1.FrameworkInfo.Builder info, String resources) {
        String framework = master.subscribed(stream, info);
        master.settle();
        Offer offer = master.lastOffer(stream);
        master.accept(
                stream,
                framework,
                offer,
                MasterHarness.launch(MasterHarness.task("t", offer, resources).build()));
    }
}
