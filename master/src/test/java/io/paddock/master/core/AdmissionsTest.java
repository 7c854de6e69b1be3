package io.paddock.master.core;

import static io.paddock.master.core.MasterHarness.frameworkInfo;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.authorization.Acls;
import io.paddock.common.authorization.Action;
import io.paddock.common.authorization.Entity;
import io.paddock.master.core.MasterConfig.Admissions;
import io.paddock.master.core.MasterEffect.Answer;
import io.paddock.master.core.MasterEffect.Outcome;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Register;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.DomainInfo;
import io.paddock.proto.v1.DomainInfo.FaultDomain;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.WeightInfo;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.quota.QuotaConfig;
import io.paddock.proto.v1.scheduler.Event;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who is let in where an operator says so: agents with a fault domain, and known roles. */
class AdmissionsTest {
    private static MasterHarness master(Admissions admissions) {
        return new MasterHarness(
                MasterHarness.config(MasterConfig.Memory.DEFAULT, MasterConfig.Removals.DEFAULT, admissions));
    }

    @Test
    void anAgentWithoutDomainIsRefusedUntilItHasOne() {
        MasterHarness master = master(new Admissions(true, Set.of()));
        assertThat(master.register("a", "cpus:1")).isEmpty();
        assertThat(master.sent("a", ToAgent.MessageCase.REFUSED).get(0).getRefused())
                .satisfies(refused -> {
                    assertThat(refused.getShutdown()).isFalse();
                    assertThat(refused.getMessage()).contains("--require-agent-domain");
                });
        FaultDomain domain = FaultDomain.newBuilder()
                .setRegion(FaultDomain.RegionInfo.newBuilder().setName("r"))
                .setZone(FaultDomain.ZoneInfo.newBuilder().setName("z"))
                .build();
        master.spoke(
                "b",
                FromAgent.newBuilder()
                        .setRegister(Register.newBuilder()
                                .setVersion("1")
                                .setAgent(MasterHarness.agentInfo("h", "cpus:1")
                                        .setDomain(DomainInfo.newBuilder().setFaultDomain(domain)))));
        assertThat(master.sent("b", ToAgent.MessageCase.REGISTERED)).hasSize(1);
    }

    @Test
    void anAgentIsRefusedForRolesItMayNotReserveTo() {
        MasterHarness master = new MasterHarness();
        master.feed(new MasterEvent.AclsChanged(
                new Acls(
                        true,
                        Map.of(
                                Action.RESERVE_RESOURCES,
                                List.of(
                                        new Acls.Rule(Entity.some("p"), Entity.ANY),
                                        new Acls.Rule(Entity.ANY, Entity.NONE)))),
                true));
        FromAgent register = FromAgent.newBuilder()
                .setRegister(Register.newBuilder()
                        .setVersion("1")
                        .setAgent(MasterHarness.agentInfo("h", "cpus(db):1;mem:64")))
                .build();
        master.feed(new MasterEvent.AgentSpoke("a", "other", register));
        assertThat(master.sent("a", ToAgent.MessageCase.REFUSED)
                        .get(0)
                        .getRefused()
                        .getMessage())
                .isEqualTo("Not authorized: principal 'other' may not reserve_resources for role 'db'");
        master.feed(new MasterEvent.AgentSpoke("b", "p", register));
        assertThat(master.sent("b", ToAgent.MessageCase.REGISTERED)).hasSize(1);
    }

    @Test
    void aFrameworkWithAnotherRoleGetsAnError() {
        MasterHarness master = master(new Admissions(false, Set.of("web", "batch")));
        master.subscribe(
                "s",
                MasterHarness.subscribe(frameworkInfo("f", "web", "db").build()).build());
        assertThat(master.events("s", Event.Type.ERROR).get(0).getError().getMessage())
                .isEqualTo("roles [db] are not among those of this master's --roles");
        assertThat(master.store).isEmpty();
        String id = master.subscribed("t", frameworkInfo("f", "web", "*"));
        FrameworkInfo other = frameworkInfo("f", "db")
                .setId(FrameworkID.newBuilder().setValue(id))
                .build();
        Answer answer = master.call(
                "t",
                MasterHarness.call(id, io.paddock.proto.v1.scheduler.Call.Type.UPDATE_FRAMEWORK)
                        .setUpdateFramework(io.paddock.proto.v1.scheduler.Call.UpdateFramework.newBuilder()
                                .setFrameworkInfo(other)));
        assertThat(answer.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(master.framework(id).roles()).containsExactly("web", "*");
    }

    @Test
    void weightsAndQuotasAreOfKnownRoles() {
        MasterHarness master = master(new Admissions(false, Set.of("web")));
        for (String role : new String[] {"web", "db"}) {
            Answer weight = master.operate(Call.newBuilder()
                    .setType(Call.Type.UPDATE_WEIGHTS)
                    .setUpdateWeights(Call.UpdateWeights.newBuilder()
                            .addWeightInfos(
                                    WeightInfo.newBuilder().setRole(role).setWeight(2))));
            Answer quota = master.operate(Call.newBuilder()
                    .setType(Call.Type.UPDATE_QUOTA)
                    .setUpdateQuota(Call.UpdateQuota.newBuilder()
                            .addQuotaConfigs(QuotaConfig.newBuilder()
                                    .setRole(role)
                                    .putLimits(
                                            "cpus",
                                            Value.Scalar.newBuilder()
                                                    .setValue(1)
                                                    .build()))));
            Outcome expected = role.equals("web") ? Outcome.DONE : Outcome.REJECTED;
            assertThat(weight.outcome()).isNotEqualTo(role.equals("web") ? Outcome.REJECTED : Outcome.DONE);
            assertThat(quota.outcome()).isEqualTo(expected);
        }
        assertThat(master.snapshot().weights()).containsOnlyKeys("web");
        assertThat(master.snapshot().quotas()).containsOnlyKeys("web");
    }
}
