package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import io.paddock.proto.v1.scheduler.OfferConstraints.RoleConstraints;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SUBSCRIBE: what is negotiated, who is let in, and how the others learn that they are not. */
class SchedulerSubscribeTest extends SchedulerContract {
    @Test
    void methodAndMediaTypesAreNegotiated() throws Exception {
        HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofString("{\"type\":\"SUBSCRIBE\"}");
        assertThat(raw(HttpRequest.newBuilder(uri())).statusCode()).isEqualTo(405);
        assertThat(raw(HttpRequest.newBuilder(uri()).PUT(body)).statusCode()).isEqualTo(405);
        assertThat(raw(HttpRequest.newBuilder(uri()).POST(body)).statusCode()).isEqualTo(400);
        assertThat(raw(HttpRequest.newBuilder(uri()).POST(body).header("Content-Type", "text/plain"))
                        .statusCode())
                .isEqualTo(415);
        for (WireFormat format : WireFormat.values()) {
            HttpResponse<String> garbage = raw(HttpRequest.newBuilder(uri())
                    .POST(HttpRequest.BodyPublishers.ofString("{\"type\":"))
                    .header("Content-Type", format.mediaType()));
            assertThat(garbage.statusCode()).isEqualTo(400);
        }
        HttpResponse<String> notAcceptable = raw(HttpRequest.newBuilder(uri())
                .POST(HttpRequest.BodyPublishers.ofString("{\"type\":\"SUBSCRIBE\",\"subscribe\":"
                        + "{\"framework_info\":{\"user\":\"u\",\"name\":\"n\"}}}"))
                .header("Content-Type", "application/json")
                .header("Accept", "text/html"));
        assertThat(notAcceptable.statusCode()).isEqualTo(406);
        HttpResponse<String> required = raw(HttpRequest.newBuilder(uri())
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"type\":\"SUBSCRIBE\",\"subscribe\":{\"framework_info\":{\"user\":\"u\"}}}"))
                .header("Content-Type", "application/json"));
        assertThat(required.statusCode()).isEqualTo(400);
        assertThat(required.body()).contains("name");
    }

    // --- SUBSCRIBE ---

    private record BadSubscription(String name, String why, java.util.function.Consumer<Call.Builder> change) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Arguments> badSubscriptions() {
        FrameworkID id = FrameworkID.newBuilder().setValue("f").build();
        Stream<BadSubscription> badRoles = Stream.of(
                        "", ".", "..", "-a", "a\\b", "a b", "a\tb", "a\u007f", "/a", "a/", "a//b", "*/a", "a/..")
                .map(role -> bad("role '" + role + "'", "roles[1]", c -> info(c).addRoles(role)));
        Stream<BadSubscription> badIds = NO_IDS.stream()
                .map(no -> FrameworkID.newBuilder().setValue(no).build())
                .map(no -> bad(
                        "id '" + no.getValue() + "'",
                        "framework_info.id",
                        c -> info(c.setFrameworkId(no)).setId(no)));
        Stream<BadSubscription> others = Stream.of(
                bad("no framework", "subscribe", Call.Builder::clearSubscribe),
                bad("an id in one place", "framework_id", c -> c.setFrameworkId(id)),
                bad("an id in the other", "framework_info.id", c -> info(c).setId(id)),
                bad(
                        "two ids",
                        "framework_info.id",
                        c -> info(c.setFrameworkId(id)).setId(id.toBuilder().setValue("g"))),
                bad("a bad role", "roles[1]", c -> info(c).addRoles("/x")),
                bad("a role twice", "twice", c -> info(c).addRoles("r")),
                bad("the old field", "role", c -> info(c).setRole("r")),
                bad("many roles of old", "MULTI_ROLE", c -> info(c).clearCapabilities()),
                bad(
                        "a suppressed role of others",
                        "suppressed_roles",
                        c -> c.getSubscribeBuilder().addSuppressedRoles("other")),
                bad("too long a life", "failover_timeout", c -> info(c).setFailoverTimeout(1e12)),
                bad(
                        "constraints for a role of others",
                        "offer_constraints",
                        c -> c.getSubscribeBuilder()
                                .getOfferConstraintsBuilder()
                                .putRoleConstraints("other", RoleConstraints.getDefaultInstance())),
                bad(
                        "constraints without a group",
                        "offer_constraints",
                        c -> c.getSubscribeBuilder()
                                .getOfferConstraintsBuilder()
                                .putRoleConstraints("r", RoleConstraints.getDefaultInstance())),
                bad(
                        "constraints with an empty group",
                        "offer_constraints",
                        c -> c.getSubscribeBuilder()
                                .getOfferConstraintsBuilder()
                                .putRoleConstraints(
                                        "r",
                                        RoleConstraints.newBuilder()
                                                .addGroups(RoleConstraints.Group.getDefaultInstance())
                                                .build())),
                bad("no time", "failover_timeout", c -> info(c).setFailoverTimeout(Double.NaN)));
        return Stream.of(others, badRoles, badIds)
                .flatMap(rows -> rows)
                .flatMap(bad -> Arrays.stream(WireFormat.values())
                        // JSON has no NaN
                        .filter(format ->
                                format == WireFormat.PROTOBUF || !bad.name().equals("no time"))
                        .map(format -> Arguments.of(bad, format)));
    }

    @SuppressWarnings("deprecation") // roles and framework_info of old clients
    private static FrameworkInfo.Builder info(Call.Builder call) {
        return call.getSubscribeBuilder().getFrameworkInfoBuilder();
    }

    private static BadSubscription bad(String name, String why, java.util.function.Consumer<Call.Builder> change) {
        return new BadSubscription(name, why, change);
    }

    @ParameterizedTest
    @MethodSource("badSubscriptions")
    void aBadSubscriptionIsRefused(BadSubscription bad, WireFormat format) throws Exception {
        Call.Builder call = call(Call.Type.SUBSCRIBE)
                .setSubscribe(Call.Subscribe.newBuilder().setFrameworkInfo(framework("r")));
        bad.change().accept(call);
        HttpResponse<String> response = raw(ScriptedScheduler.request(uri(), format, call.build()));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(response.body()).contains(bad.why());
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void whatIsFoundLaterIsAnErrorOnTheStream(WireFormat format) {
        subscribe(format);
        FrameworkInfo.Builder mine = framework(role).setId(scheduler.frameworkId());
        try (ScriptedScheduler other = ScriptedScheduler.subscribe(
                client,
                master.port(),
                format,
                mine.clone().setPrincipal("somebody else").build())) {
            await().until(() -> other.ended);
            assertThat(other.events.get(0).getType()).isEqualTo(Event.Type.ERROR);
            assertThat(other.events.get(0).getError().getMessage()).contains("principal");
        }
        assertThat(scheduler.ended).isFalse();
        accepted(call(Call.Type.TEARDOWN));
        await().until(() -> scheduler.ended);
        try (ScriptedScheduler late = ScriptedScheduler.subscribe(client, master.port(), format, mine.build())) {
            await().until(() -> late.ended);
            assertThat(late.events.get(0).getError().getMessage()).isEqualTo("Framework has been removed");
        }
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void aStreamBeginsWithSubscribedAndAHeartbeat(WireFormat format) {
        subscribe(format);
        assertThat(scheduler.events.subList(0, 2))
                .extracting(Event::getType)
                .containsExactly(Event.Type.SUBSCRIBED, Event.Type.HEARTBEAT);
        Event.Subscribed subscribed = scheduler.events.get(0).getSubscribed();
        assertThat(subscribed.getHeartbeatIntervalSeconds()).isEqualTo(15);
        assertThat(subscribed.getMasterInfo().getAddress().getPort()).isEqualTo(master.port());
        assertThat(scheduler.streamId.length()).isLessThanOrEqualTo(128);
    }

    private record Answer(int status, String contentType, String stream, String begin) {}

    /** Asks for a stream, reads the beginning of it and leaves; the framework goes with it. */
    private static Answer opened(HttpRequest.Builder request) throws Exception {
        HttpResponse<InputStream> response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            return new Answer(
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    response.headers().firstValue("Mesos-Stream-Id").orElse(""),
                    new String(body.readNBytes(100), StandardCharsets.ISO_8859_1));
        }
    }

    private static HttpRequest.Builder subscription(String path, WireFormat format) {
        Call call = call(Call.Type.SUBSCRIBE)
                .setSubscribe(Call.Subscribe.newBuilder()
                        .setFrameworkInfo(framework("r").clearFailoverTimeout()))
                .build();
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + path))
                .header("Content-Type", format.mediaType())
                .POST(HttpRequest.BodyPublishers.ofByteArray(format.encode(call)));
    }

    /** The stream has the type of its messages, whatever the call had; JSON goes before protobuf. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "-                                            | application/json",
                "*/*                                          | application/json",
                "application/*                                | application/json",
                "application/json                             | application/json",
                "application/x-protobuf                       | application/x-protobuf",
                "application/x-protobuf, application/json     | application/json",
                "application/json;q=0, application/x-protobuf | application/x-protobuf",
                "application/json;q=0, */*                    | application/x-protobuf",
                "text/html, application/x-protobuf            | application/x-protobuf",
                "text/html                                    | -",
                "application/recordio                         | -",
                "*/*;q=0                                      | -",
            })
    void theStreamIsOfTheTypeThatIsAccepted(String accept, String type) throws Exception {
        for (WireFormat format : WireFormat.values()) {
            HttpRequest.Builder request = subscription("/api/v1/scheduler", format);
            if (accept != null) {
                request.header("Accept", accept);
            }
            Answer answer = opened(request);
            assertThat(answer.status()).isEqualTo(type == null ? 406 : 200);
            if (type != null) {
                assertThat(answer.contentType()).isEqualTo(type);
                assertThat(answer.stream()).isNotEmpty();
                assertThat(answer.begin())
                        .matches(Pattern.compile(
                                type.endsWith("json")
                                        ? "[1-9][0-9]*\n\\{\"type\":\"SUBSCRIBED\".*"
                                        : "[1-9][0-9]*\n\b\u0001.*",
                                Pattern.DOTALL));
            }
        }
    }

    /** Clients write the path in many ways. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/scheduler",
                "/master/api/v1/scheduler",
                "/api/v1/scheduler/",
                "/api/v1/scheduler/subscribe",
                "/%61pi/v1/scheduler"
            })
    void theEndpointHasManyNames(String path) throws Exception {
        for (WireFormat format : WireFormat.values()) {
            assertThat(opened(subscription(path, format)).status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void theNewestStreamWinsAndSaysAgainWhatIsSuppressed(WireFormat format) {
        subscribe(format);
        FrameworkInfo.Builder mine = framework(role).setId(scheduler.frameworkId());
        ScriptedScheduler first = scheduler;
        scheduler = ScriptedScheduler.subscribe(
                client,
                master.port(),
                format,
                Call.Subscribe.newBuilder().setFrameworkInfo(mine).addSuppressedRoles(role));
        await().until(() -> first.ended);
        assertThat(first.events.get(first.events.size() - 1).getError().getMessage())
                .isEqualTo("Framework failed over");
        assertThat(first.events(Event.Type.RESCIND)).isEmpty();
        assertThat(scheduler.call(call(Call.Type.REVIVE), first.streamId).statusCode())
                .isEqualTo(400);
        assertThat(shown().suppressedRoles()).containsExactly(role);
        assertThat(scheduler.offers()).isEmpty();
        scheduler = ScriptedScheduler.subscribe(
                client,
                master.port(),
                format,
                mine.setUser("nobody").setCheckpoint(true).build());
        await().until(() -> !scheduler.offers().isEmpty());
        assertThat(shown().suppressedRoles()).isEmpty();
        assertThat(shown().info().getUser()).isEqualTo("root");
        assertThat(shown().info().getCheckpoint()).isFalse();
    }

    private FrameworkView shown() {
        await().until(() -> !scheduler.events(Event.Type.SUBSCRIBED).isEmpty());
        return master.leadership().leading().orElseThrow().current().frameworks().stream()
                .filter(f -> f.info().getId().equals(scheduler.frameworkId()))
                .findFirst()
                .orElseThrow();
    }

    /** After the loss of a registry, say: it comes back under its id. */
    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void anIdThatNobodyKnowsIsTakenBack(WireFormat format) {
        FrameworkID old =
                FrameworkID.newBuilder().setValue("long-ago-" + format).build();
        scheduler = ScriptedScheduler.subscribe(
                client, master.port(), format, framework("r").setId(old).build());
        await().until(() -> !scheduler.events(Event.Type.SUBSCRIBED).isEmpty());
        assertThat(scheduler.frameworkId()).isEqualTo(old);
        accepted(call(Call.Type.REVIVE));
    }
}
