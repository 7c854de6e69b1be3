package io.paddock.master.server;

import static io.paddock.master.server.MasterFixture.assertAnswer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.common.resources.Resources;
import io.paddock.platform.http.WireFormat;
import io.paddock.platform.zookeeper.EmbeddedZooKeeper;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Role;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.quota.QuotaConfig;
import io.paddock.proto.v1.quota.QuotaRequest;
import io.paddock.proto.v1.quota.QuotaStatus;
import io.paddock.proto.v1.scheduler.Event;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Quota by the operator API in both encodings and by the older endpoint, over real HTTP and across a change of leader. */
class QuotaApiTest {
    @RegisterExtension
    static final MasterFixture MASTERS = new MasterFixture();

    private static Value.Scalar amount(double value) {
        return Value.Scalar.newBuilder().setValue(value).build();
    }

    private static Call.Builder update(boolean force, QuotaConfig.Builder... quotas) {
        Call.UpdateQuota.Builder update = Call.UpdateQuota.newBuilder().setForce(force);
        List.of(quotas).forEach(update::addQuotaConfigs);
        return Call.newBuilder().setType(Call.Type.UPDATE_QUOTA).setUpdateQuota(update);
    }

    private static QuotaConfig.Builder quota(String role) {
        return QuotaConfig.newBuilder().setRole(role);
    }

    @SuppressWarnings("deprecation") // the old calls are still there
    private static Call.Builder set(String role, String guarantee) {
        return Call.newBuilder()
                .setType(Call.Type.SET_QUOTA)
                .setSetQuota(Call.SetQuota.newBuilder()
                        .setQuotaRequest(QuotaRequest.newBuilder()
                                .setRole(role)
                                .addAllGuarantee(ResourceMessages.toMessages(Resources.parse(guarantee)))));
    }

    @SuppressWarnings("deprecation") // the old calls are still there
    private static Call.Builder remove(String role) {
        return Call.newBuilder()
                .setType(Call.Type.REMOVE_QUOTA)
                .setRemoveQuota(Call.RemoveQuota.newBuilder().setRole(role));
    }

    private static FrameworkInfo framework(String role) {
        return FrameworkInfo.newBuilder()
                .setUser("root")
                .setName("framework of " + role)
                .setFailoverTimeout(600)
                .addRoles(role)
                .addCapabilities(
                        FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.MULTI_ROLE))
                .build();
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void quotasAreSetReadBoundOffersAndAreRemoved(WireFormat format) throws Exception {
        try (MasterServer master = MASTERS.start();
                ScriptedAgent agent = ScriptedAgent.connect(MASTERS.client(), master.port())) {
            agent.register("cpus:4;mem:1024");
            await().until(() -> snapshotAgents(master) == 1);
            ScriptedOperator operator = new ScriptedOperator(MASTERS.client(), master.port(), format);
            assertThat(operator.read(Call.Type.GET_QUOTA).getGetQuota().getStatus())
                    .isEqualTo(QuotaStatus.getDefaultInstance());
            QuotaConfig.Builder quota = quota("web/front")
                    .putGuarantees("cpus", amount(1))
                    .putLimits("cpus", amount(1.5))
                    .putLimits("mem", amount(512));
            assertAnswer(operator.call(update(false, quota)), 200, "");
            assertThat(operator.read(Call.Type.GET_QUOTA)
                            .getGetQuota()
                            .getStatus()
                            .getConfigsList())
                    .containsExactly(quota.build());
            assertThat(operator.read(Call.Type.GET_ROLES).getGetRoles().getRolesList())
                    .extracting(Role::getName)
                    .containsExactly("web", "web/front");

            try (ScriptedScheduler scheduler =
                    ScriptedScheduler.subscribe(MASTERS.client(), master.port(), format, framework("web/front"))) {
                await().until(() -> !scheduler.offers().isEmpty());
                Resources offered =
                        ResourceMessages.fromMessages(scheduler.offers().get(0).getResourcesList());
                assertThat(offered.scalar("cpus")).isEqualTo(1.5);
                assertThat(offered.scalar("mem")).isEqualTo(512);
                await().untilAsserted(() ->
                        assertThat(metric(operator, "offered_or_allocated")).isEqualTo(1.5));
                assertThat(metric(operator, "guarantee")).isEqualTo(1);
                assertThat(metric(operator, "limit")).isEqualTo(1.5);
                assertThat(metric(operator, "consumed")).isZero();

                assertAnswer(operator.call(update(false, quota("web/front").putLimits("cpus", amount(0.5)))), 200, "");
                await().until(() -> !scheduler.events(Event.Type.RESCIND).isEmpty());
                await().until(() -> scheduler.offers().size() == 2);
                Offer half = scheduler.offers().get(1);
                scheduler.call(MasterServerTest.accept(half, MasterServerTest.task("t", half, "cpus:0.5;mem:32")));
                await().untilAsserted(
                                () -> assertThat(metric(operator, "consumed")).isEqualTo(0.5));
                QuotaConfig.Builder below = quota("web/front").putLimits("cpus", amount(0.25));
                assertAnswer(operator.call(update(false, below)), 400, "consumes 0.5 cpus already");
                assertAnswer(operator.call(update(true, below)), 200, "");
                assertAnswer(operator.call(remove("web/front")), 200, "");
                await().until(() -> scheduler.offers().stream()
                                .mapToDouble(o -> ResourceMessages.fromMessages(o.getResourcesList())
                                        .scalar("cpus"))
                                .sum()
                        >= 3.5);
            }
            assertThat(operator.get("/quota").path("configs")).isEmpty();
        }
    }

    private static double metric(ScriptedOperator operator, String what) {
        JsonNode value =
                operator.get("/metrics/snapshot").path("allocator/mesos/quota/roles/web/front/resources/cpus/" + what);
        return value.isNumber() ? value.doubleValue() : Double.NaN;
    }

    private static int snapshotAgents(MasterServer master) {
        return master.leadership()
                .leading()
                .map(feed -> feed.current().agents().size())
                .orElse(0);
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void eachRefusalNamesItsField(WireFormat format) throws Exception {
        try (MasterServer master = MASTERS.start();
                ScriptedAgent agent = ScriptedAgent.connect(MASTERS.client(), master.port())) {
            agent.register("cpus:4;mem:1024");
            await().until(() -> snapshotAgents(master) == 1);
            ScriptedOperator operator = new ScriptedOperator(MASTERS.client(), master.port(), format);
            String path = "update_quota.quota_configs";
            assertAnswer(
                    operator.call(Call.newBuilder().setType(Call.Type.UPDATE_QUOTA)),
                    400,
                    "update_quota: expecting it to be present");
            assertAnswer(operator.call(update(false)), 400, path + ": must not be empty");
            assertAnswer(operator.call(update(false, quota("/a"))), 400, path + "[0].role: role '/a'");
            assertAnswer(
                    operator.call(update(false, quota("a").putLimits("cpus", amount(-1)))),
                    400,
                    path + "[0].limits['cpus']: must be from 0");
            assertAnswer(
                    operator.call(update(false, quota("a").putLimits("ports", amount(1)))),
                    400,
                    path + "[0].limits['ports']: only scalars");
            assertAnswer(
                    operator.call(update(
                            false, quota("a").putGuarantees("cpus", amount(2)).putLimits("cpus", amount(1)))),
                    400,
                    path + "[0].guarantees['cpus']: 2 is more than the limit 1");
            assertAnswer(
                    operator.call(update(
                            true,
                            quota("a").putGuarantees("cpus", amount(1)),
                            quota("a/b").putGuarantees("cpus", amount(2)))),
                    400,
                    "but the guarantee of 'a' is 1");
            QuotaConfig.Builder beyond = quota("a").putGuarantees("cpus", amount(5));
            assertAnswer(operator.call(update(false, beyond)), 400, "5 cpus, but the agents have 4; set force");
            assertAnswer(operator.call(set("a", "cpus:5")), 409, "5 cpus, but the agents have 4; set force");
            assertAnswer(operator.call(set("a", "cpus(x):1")), 400, "set_quota.quota_request.guarantee[0]");
            assertAnswer(operator.call(remove("a")), 400, "remove_quota.role: role 'a' has no quota");
            assertAnswer(operator.call(set("a", "")), 400, "set_quota.quota_request.guarantee: must not be empty");
            assertAnswer(operator.call(set("a", "ports:[1-2]")), 400, "guarantee[0]: only scalars can have a quota");
            assertAnswer(operator.call(set("a//b", "cpus:1")), 400, "set_quota.quota_request.role: role 'a//b'");
            assertAnswer(operator.call(remove("a//b")), 400, "remove_quota.role: role 'a//b'");
            assertAnswer(
                    operator.call(update(false, quota("a"), quota("a"))), 400, path + "[1].role: role 'a' is given");
            assertThat(operator.get("/quota").path("configs")).isEmpty();

            assertAnswer(operator.call(update(true, beyond)), 200, "");
            assertAnswer(operator.call(set("a", "cpus:1")), 400, "role 'a' already has a quota");
        }
    }

    @Test
    void theOlderEndpointSetsReadsAndRemoves() throws Exception {
        try (MasterServer master = MASTERS.start();
                ScriptedAgent agent = ScriptedAgent.connect(MASTERS.client(), master.port())) {
            agent.register("cpus:4;mem:1024");
            await().until(() -> snapshotAgents(master) == 1);
            ScriptedOperator operator = new ScriptedOperator(MASTERS.client(), master.port(), WireFormat.JSON);
            assertThat(operator.get("/master/quota").toString()).isEqualTo("{\"infos\":[],\"configs\":[]}");
            String cpus = "{\"name\":\"cpus\",\"type\":\"SCALAR\",\"scalar\":{\"value\":%s}}";
            String quota = "{\"role\":\"a/b\",\"guarantee\":[" + cpus + "]}";
            assertAnswer(operator.curl("POST", "/quota", String.format(quota, 2)), 200, "");
            JsonNode told = operator.get("/quota");
            assertThat(told.at("/infos/0/role").textValue()).isEqualTo("a/b");
            assertThat(told.at("/infos/0/guarantee/0/scalar/value").doubleValue())
                    .isEqualTo(2);
            assertThat(told.at("/configs/0/limits/cpus/value").doubleValue()).isEqualTo(2);
            await().untilAsserted(() -> {
                JsonNode role = operator.get("/roles").at("/roles/1");
                assertThat(role.path("name").textValue()).isEqualTo("a/b");
                assertThat(role.path("quota").toString())
                        .isEqualTo(
                                "{\"role\":\"a/b\",\"guarantee\":{\"cpus\":2.0},\"limit\":{\"cpus\":2.0},\"consumed\":{}}");
            });
            assertAnswer(operator.curl("POST", "/quota", String.format(quota, 2)), 400, "already has a quota");
            assertAnswer(operator.curl("POST", "/quota", "{\"role\":"), 400, "");
            assertAnswer(operator.curl("DELETE", "/master/quota/a/b", ""), 200, "");
            assertAnswer(operator.curl("DELETE", "/quota/a/b", ""), 400, "role 'a/b' has no quota");
            assertAnswer(operator.curl("POST", "/quota", String.format(quota, 5)), 409, "set force");
            assertAnswer(
                    operator.curl(
                            "POST", "/quota", String.format(quota, 5).replace("{\"role\"", "{\"force\":true,\"role\"")),
                    200,
                    "");
            assertAnswer(operator.curl("DELETE", "/quota/a%2Fb", ""), 200, "");
            assertAnswer(operator.curl("POST", "/quota", String.format(quota, 2).replace("a/b", "a+ü")), 200, "");
            assertAnswer(operator.curl("DELETE", "/quota/a+%C3%BC", ""), 200, "");
            assertAnswer(operator.curl("PUT", "/weights", "[{\"role\":\"a\",\"weight\":2.5}]"), 200, "");
            assertThat(operator.get("/weights").at("/0/weight").doubleValue()).isEqualTo(2.5);
            assertAnswer(operator.curl("PUT", "/weights", "{}"), 400, "body: expected a JSON array");
            assertAnswer(operator.curl("PATCH", "/quota", ""), 405, "");
        }
    }

    @Test
    void theNextLeaderHoldsTheQuotasItFindsInZooKeeper(@TempDir Path dir) throws Exception {
        try (EmbeddedZooKeeper zooKeeper = EmbeddedZooKeeper.start(dir, "127.0.0.1", 0)) {
            String zk = "zk://127.0.0.1:" + zooKeeper.port() + "/mesos";
            MasterServer first = MASTERS.start(flags -> flags.zk = zk);
            QuotaConfig.Builder quota = quota("a/b").putLimits("cpus", amount(1));
            assertAnswer(
                    new ScriptedOperator(MASTERS.client(), first.port(), WireFormat.JSON).call(update(false, quota)),
                    200,
                    "");
            first.close();
            try (MasterServer next = MASTERS.start(flags -> flags.zk = zk)) {
                ScriptedOperator operator = new ScriptedOperator(MASTERS.client(), next.port(), WireFormat.PROTOBUF);
                await().untilAsserted(() -> assertThat(operator.read(Call.Type.GET_QUOTA)
                                .getGetQuota()
                                .getStatus()
                                .getConfigsList())
                        .containsExactly(quota.build()));
                try (ScriptedAgent agent = ScriptedAgent.connect(MASTERS.client(), next.port());
                        ScriptedScheduler scheduler = ScriptedScheduler.subscribe(
                                MASTERS.client(), next.port(), WireFormat.JSON, framework("a/b"))) {
                    agent.register("cpus:4;mem:1024");
                    await().until(() -> !scheduler.offers().isEmpty());
                    assertThat(ResourceMessages.fromMessages(
                                            scheduler.offers().get(0).getResourcesList())
                                    .scalar("cpus"))
                            .isEqualTo(1);
                }
            }
        }
    }
}
