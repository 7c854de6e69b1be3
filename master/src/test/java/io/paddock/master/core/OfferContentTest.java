package io.paddock.master.core;

import static io.paddock.master.core.MasterHarness.frameworkInfo;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Register;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Resource;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an offer says: schedulers go to agents by it, and place tasks by it. And how long one is refused. */
class OfferContentTest {
    @Test
    void anOfferSaysWhoseItIsAndWhereTheAgentIs() {
        MasterHarness master = new MasterHarness();
        AgentInfo agent = JsonCodec.fromJson("""
                {"hostname": "node-7", "port": 5151, "attributes": [{"name": "rack", "type": "TEXT", "text": {"value": "r1"}}],
                 "domain": {"fault_domain": {"region": {"name": "eu"}, "zone": {"name": "a"}}}}""", AgentInfo.getDefaultInstance());
        master.spoke(
                "l",
                FromAgent.newBuilder()
                        .setRegister(Register.newBuilder()
                                .setAgent(agent.toBuilder()
                                        .addAllResources(ResourceMessages.toMessages(Resources.parse(
                                                "cpus:4;mem:1024;ports:[31000-31009];ephemeral_ports:[32768-57344]"))))
                                .setVersion("0.1.0")
                                .addAllCapabilities(MasterHarness.capabilities())));
        String id = master.subscribed(
                "s",
                frameworkInfo("f", "web")
                        .addCapabilities(MasterHarness.capability(
                                io.paddock.proto.v1.FrameworkInfo.Capability.Type.REGION_AWARE)));
        master.settle();

        Offer offer = master.lastOffer("s");
        assertThat(offer.getFrameworkId().getValue()).isEqualTo(id);
        assertThat(offer.getId().getValue()).isEqualTo("m1-O0");
        assertThat(offer.getAgentId().getValue()).isEqualTo("m1-S0");
        assertThat(offer.getHostname()).isEqualTo("node-7");
        assertThat(offer.getUrl().getScheme()).isEqualTo("http");
        assertThat(offer.getUrl().getAddress().getHostname()).isEqualTo("node-7");
        assertThat(offer.getUrl().getAddress().getPort()).isEqualTo(5151);
        assertThat(offer.getUrl().getPath()).isEqualTo("/slave(1)");
        assertThat(offer.getAttributesList()).isEqualTo(agent.getAttributesList());
        assertThat(offer.getDomain()).isEqualTo(agent.getDomain());
        assertThat(offer.getAllocationInfo().getRole()).isEqualTo("web");
        assertThat(offer.getResourcesList())
                .extracting(Resource::getName)
                .as("ephemeral_ports are the agent's own")
                .containsExactlyInAnyOrder("cpus", "mem", "ports");
        assertThat(offer.getResourcesList())
                .allSatisfy(r -> assertThat(r.getAllocationInfo().getRole()).isEqualTo("web"));
    }

    @ParameterizedTest
    @CsvSource({
        "5,         5",
        "0.25,      0.25",
        "-1,        5",
        "NaN,       5",
        "-Infinity, 5",
        "31536000,  31536000",
        "31536001,  31536000",
        "Infinity,  31536000",
    })
    void aRefusalIsOfThatManySeconds(double asked, double seconds) {
        Instant now = MasterHarness.START;
        assertThat(Offers.refusedUntil(now, asked)).isEqualTo(now.plus(Duration.ofMillis((long) (seconds * 1000))));
        assertThat(Offers.refusedUntil(now, 0)).isNull();
    }
}
