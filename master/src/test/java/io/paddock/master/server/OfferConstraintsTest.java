package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.platform.http.WireFormat;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.Attribute;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.master.Response;
import io.paddock.proto.v1.scheduler.AttributeConstraint;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.OfferConstraints;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Offer constraints over real HTTP: what is offered, what is shown, what is refused. */
class OfferConstraintsTest {
    private static ActorSystem<Void> system;
    private static HttpClient client;
    private MasterServer master;
    private ScriptedAgent linux;
    private ScriptedAgent windows;

    @BeforeAll
    static void startSystem() {
        system = ActorSystem.create(Behaviors.empty(), "offer-constraints-test");
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterAll
    static void stopSystem() {
        system.terminate();
    }

    @BeforeEach
    void startMaster() throws Exception {
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        master = MasterServer.start(system, options).toCompletableFuture().get();
        await().until(() -> master.leadership().leading().isPresent());
        linux = agent("linux", "l.example");
        windows = agent("windows", "w.example");
    }

    @AfterEach
    void stopMaster() {
        linux.close();
        windows.close();
        master.close();
    }

    private ScriptedAgent agent(String os, String hostname) {
        ScriptedAgent agent = ScriptedAgent.connect(client, master.port());
        AgentInfo.Builder info = ScriptedAgent.info("cpus:4;mem:4096")
                .setHostname(hostname)
                .addAttributes(Attribute.newBuilder()
                        .setName("os")
                        .setType(Value.Type.TEXT)
                        .setText(Value.Text.newBuilder().setValue(os)));
        agent.register(info);
        return agent;
    }

    private static FrameworkInfo framework() {
        return FrameworkInfo.newBuilder()
                .setUser("u")
                .setName("constrained")
                .addRoles("web")
                .addCapabilities(
                        FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.MULTI_ROLE))
                .build();
    }

    private static OfferConstraints osMatches(String regex) {
        AttributeConstraint constraint = AttributeConstraint.newBuilder()
                .setSelector(AttributeConstraint.Selector.newBuilder().setAttributeName("os"))
                .setPredicate(AttributeConstraint.Predicate.newBuilder()
                        .setTextMatches(AttributeConstraint.Predicate.TextMatches.newBuilder()
                                .setRegex(regex)))
                .build();
        return OfferConstraints.newBuilder()
                .putRoleConstraints(
                        "web",
                        OfferConstraints.RoleConstraints.newBuilder()
                                .addGroups(OfferConstraints.RoleConstraints.Group.newBuilder()
                                        .addAttributeConstraints(constraint))
                                .build())
                .build();
    }

    private static Call.Builder update(ScriptedScheduler scheduler, OfferConstraints constraints) {
        Call.UpdateFramework.Builder update = Call.UpdateFramework.newBuilder()
                .setFrameworkInfo(framework().toBuilder().setId(scheduler.frameworkId()));
        if (constraints.getRoleConstraintsCount() > 0) {
            update.setOfferConstraints(constraints);
        }
        return Call.newBuilder().setType(Call.Type.UPDATE_FRAMEWORK).setUpdateFramework(update);
    }

    private ScriptedScheduler subscribe(WireFormat format, OfferConstraints constraints) {
        return ScriptedScheduler.subscribe(
                client,
                master.port(),
                format,
                Call.Subscribe.newBuilder().setFrameworkInfo(framework()).setOfferConstraints(constraints));
    }

    private String get(String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + master.port() + path);
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void onlyAgentsThatMeetThemAreOffered(WireFormat format) throws Exception {
        try (ScriptedScheduler scheduler = subscribe(format, osMatches("lin.*"))) {
            await().until(() -> !scheduler.offers().isEmpty());
            assertThat(get("/offers/why?framework=" + scheduler.frameworkId().getValue()))
                    .contains("\"CONSTRAINT\"");
            await().untilAsserted(() ->
                    assertThat(get("/frameworks")).contains("\"offer_constraints\":{\"role_constraints\":{\"web\":"));
            assertThat(shown().getOfferConstraints()).isEqualTo(osMatches("lin.*"));
            assertThat(scheduler.offers()).extracting(Offer::getHostname).containsExactly("l.example");

            String debug = get("/allocator(1)/offer_constraints_debug");
            String windowsAgent = windows.received(ToAgent.MessageCase.REGISTERED)
                    .get(0)
                    .getRegistered()
                    .getAgentId()
                    .getValue();
            assertThat(debug)
                    .contains("\"name\":\"constrained\"", "\"role\":\"web\"", "\"regex\":\"lin.*\"")
                    .contains("\"agents\":2,\"excluded_agents\":[\"" + windowsAgent + "\"]");
            assertThat(get("/hierarchical-allocator(1)/offer_constraints_debug"))
                    .isEqualTo(debug);

            assertThat(scheduler.call(update(scheduler, osMatches("win.*"))).statusCode())
                    .isEqualTo(200);
            await().until(() -> scheduler.offers().size() == 2);
            assertThat(scheduler.offers()).extracting(Offer::getHostname).containsExactly("l.example", "w.example");

            scheduler.call(update(scheduler, OfferConstraints.getDefaultInstance()));
            await().untilAsserted(
                            () -> assertThat(shown().hasOfferConstraints()).isFalse());
            assertThat(get("/state")).contains("constrained").doesNotContain("offer_constraints\":{");
        }
    }

    private Response.GetFrameworks.Framework shown() throws Exception {
        io.paddock.proto.v1.master.Call call = io.paddock.proto.v1.master.Call.newBuilder()
                .setType(io.paddock.proto.v1.master.Call.Type.GET_FRAMEWORKS)
                .build();
        URI uri = URI.create("http://127.0.0.1:" + master.port() + "/api/v1");
        byte[] body = client.send(
                        ScriptedScheduler.request(uri, WireFormat.PROTOBUF, call)
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray())
                .body();
        return Response.parseFrom(body).getGetFrameworks().getFrameworks(0);
    }

    @Test
    void badOnesAreAnsweredWith400AndChangeNothing() throws Exception {
        OfferConstraints bad = osMatches("(((a{100}){100}){100})");
        Call call = Call.newBuilder()
                .setType(Call.Type.SUBSCRIBE)
                .setSubscribe(Call.Subscribe.newBuilder()
                        .setFrameworkInfo(framework())
                        .setOfferConstraints(bad))
                .build();
        URI uri = URI.create("http://127.0.0.1:" + master.port() + "/api/v1/scheduler");
        HttpResponse<String> response = client.send(
                ScriptedScheduler.request(uri, WireFormat.JSON, call).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body())
                .startsWith("subscribe.offer_constraints.role_constraints['web'].groups[0].attribute_constraints[0]"
                        + ".predicate.text_matches.regex: the regular expression is too large");
        assertThat(get("/frameworks")).doesNotContain("constrained");

        try (ScriptedScheduler scheduler = subscribe(WireFormat.JSON, osMatches("none"))) {
            await().until(() -> !scheduler.events.isEmpty());
            assertThat(scheduler.call(update(scheduler, bad)).statusCode()).isEqualTo(400);
            await().untilAsserted(
                            () -> assertThat(shown().getOfferConstraints()).isEqualTo(osMatches("none")));
            assertThat(scheduler.offers()).isEmpty();
        }
    }
}
