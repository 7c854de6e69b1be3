package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.paddock.common.resources.Resources;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.ApplyOperation;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.DurationInfo;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.Secret;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.Volume;
import io.paddock.proto.v1.agent.Call;
import io.paddock.proto.v1.agent.Response;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every call of the agent's operator API over real HTTP, in JSON and in protobuf, at both paths: the good case and the refusals.
 * Sessions and attached containers are tested with the whole agent.
 */
class AgentContractTest {
    private static final Duration WAIT = Duration.ofSeconds(60);

    @TempDir
    Path workDir;

    @TempDir
    Path logs;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private ActorSystem<Void> system;
    private ScriptedMaster master;
    private AgentServer agent;
    private WireFormat format = WireFormat.JSON;

    @BeforeEach
    void start() {
        assumeTrue(System.getProperty("user.name").equals("root"), "containers need root");
        system = ActorSystem.create(Behaviors.empty(), "agent-contract");
        master = new ScriptedMaster(system);
        startAgent();
    }

    private void startAgent() {
        AgentOptions options = new AgentOptions();
        options.listen.port = 0;
        options.master = master.address();
        options.workDir = workDir;
        options.logging.logDir = logs;
        options.resources = "cpus:4;mem:1024;disk:1000;disk(ops):100";
        agent = AgentServer.start(system, options).toCompletableFuture().join();
    }

    @AfterEach
    void stop() {
        if (agent != null) {
            agent.closeAndStopTasks();
        }
        if (system != null) {
            master.close();
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().join();
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + agent.port() + path);
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpResponse<byte[]> send(Call.Builder call) {
        String path = format == WireFormat.JSON ? "/api/v1" : "/slave(1)/api/v1";
        return send(HttpRequest.newBuilder(uri(path))
                .header("Content-Type", format.mediaType())
                .header("Accept", format.mediaType())
                .POST(HttpRequest.BodyPublishers.ofByteArray(format.encode(call.build()))));
    }

    private String get(String path) {
        return text(send(HttpRequest.newBuilder(uri(path))));
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private Response answer(Call.Builder call) {
        HttpResponse<byte[]> response = send(call);
        assertThat(response.statusCode()).as(text(response)).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains(format.mediaType());
        return format.decode(response.body(), Response.getDefaultInstance());
    }

    private void answered(int status, Call.Builder call) {
        HttpResponse<byte[]> response = send(call);
        assertThat(response.statusCode()).as(text(response)).isEqualTo(status);
        assertThat(response.body()).isEmpty();
    }

    private void refused(int status, String why, Call.Builder call) {
        HttpResponse<byte[]> response = send(call);
        assertThat(response.statusCode()).as(text(response)).isEqualTo(status);
        assertThat(text(response)).contains(why);
    }

    private static Call.Builder call(Call.Type type) {
        return Call.newBuilder().setType(type);
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void readsAreAnsweredWithTheirOwnPartAndArgumentsMustBeThere(WireFormat in) {
        format = in;
        Set<Call.Type> bare = EnumSet.of(Call.Type.GET_CONTAINERS, Call.Type.PRUNE_IMAGES);
        for (Call.Type type : Call.Type.values()) {
            String part = type.name().toLowerCase(Locale.ROOT);
            boolean hasArguments = Call.getDescriptor().findFieldByName(part) != null;
            if (hasArguments && !bare.contains(type) && type != Call.Type.ATTACH_CONTAINER_INPUT) {
                refused(400, part + ": expected to be present", call(type));
            } else if (type.name().startsWith("GET_")) {
                Response response = answer(call(type));
                assertThat(response.getType().name()).isEqualTo(type.name());
                FieldDescriptor own = Response.getDescriptor().findFieldByName(part);
                assertThat(response.hasField(own)).as("%s", type).isTrue();
            }
        }
        answer(call(Call.Type.GET_METRICS).setGetMetrics(Call.GetMetrics.getDefaultInstance()));
        answered(200, call(Call.Type.PRUNE_IMAGES));
        refused(501, "type", call(Call.Type.UNKNOWN));
        refused(400, "type", Call.newBuilder());

        HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofString("{\"type\":\"GET_HEALTH\"}");
        HttpRequest.Builder json =
                HttpRequest.newBuilder(uri("/api/v1")).POST(body).header("Content-Type", "application/json");
        assertThat(send(HttpRequest.newBuilder(uri("/api/v1"))).statusCode()).isEqualTo(405);
        assertThat(send(HttpRequest.newBuilder(uri("/api/v1")).POST(body)).statusCode())
                .isEqualTo(400);
        assertThat(send(json.copy().setHeader("Content-Type", "text/plain")).statusCode())
                .isEqualTo(415);
        assertThat(send(json.copy().header("Accept", "text/html")).statusCode()).isEqualTo(406);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/version",
                "/flags",
                "/state",
                "/containers",
                "/monitor/statistics",
                "/metrics/snapshot",
                "/system/stats"
            })
    void readsHaveTheirOldNamesAndTakeACallback(String path) {
        for (String name : List.of(path, path + ".json", "/slave(1)" + path, "/slave%281%29" + path + ".json")) {
            assertThat(get(name + "?jsonp=cb")).as(name).startsWith("cb(").endsWith(");");
        }
    }

    @Test
    void readsAreForGetAndHeadAndSayWhatIsNotThere() {
        for (String path : List.of(
                "/health",
                "/version",
                "/flags",
                "/state",
                "/containers",
                "/containerizer/debug",
                "/monitor/statistics",
                "/metrics/snapshot",
                "/system/stats.json",
                "/files/debug")) {
            HttpRequest.Builder head =
                    HttpRequest.newBuilder(uri(path)).method("HEAD", HttpRequest.BodyPublishers.noBody());
            HttpRequest.Builder put = HttpRequest.newBuilder(uri(path)).PUT(HttpRequest.BodyPublishers.ofString("x"));
            assertThat(send(head).statusCode()).as(path).isEqualTo(200);
            assertThat(send(put).statusCode()).as(path).isEqualTo(405);
        }
        for (String path : List.of(
                "400 /files/browse",
                "404 /files/browse?path=/nowhere",
                "400 /files/read",
                "400 /files/read?path=/slave/log&offset=x",
                "400 /files/read?path=/slave/log&offset=0&length=x",
                "404 /files/read?path=/nowhere&offset=0",
                "400 /files/download",
                "404 /files/download?path=/nowhere",
                "404 /nothing")) {
            assertThat(send(HttpRequest.newBuilder(uri(path.substring(4)))).statusCode())
                    .as(path)
                    .isEqualTo(Integer.parseInt(path.substring(0, 3)));
        }
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void whatNeedsResourceProvidersIsNotImplemented(WireFormat in) {
        format = in;
        Call.Builder remove = call(Call.Type.REMOVE_RESOURCE_PROVIDER_CONFIG);
        remove.getRemoveResourceProviderConfigBuilder().setType("t").setName("n");
        refused(501, "no resource providers", remove);
        Call.Builder add = call(Call.Type.ADD_RESOURCE_PROVIDER_CONFIG);
        add.getAddResourceProviderConfigBuilder().getInfoBuilder().setType("t").setName("n");
        refused(501, "no resource providers", add);
        Call.Builder update = call(Call.Type.UPDATE_RESOURCE_PROVIDER_CONFIG);
        update.getUpdateResourceProviderConfigBuilder()
                .getInfoBuilder()
                .setType("t")
                .setName("n");
        refused(501, "no resource providers", update);
        Call.Builder gone = call(Call.Type.MARK_RESOURCE_PROVIDER_GONE);
        gone.getMarkResourceProviderGoneBuilder().getResourceProviderIdBuilder().setValue("p");
        refused(501, "no resource providers", gone);
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void theLogIsReadAndItsLevelChangedForAWhile(WireFormat in) {
        format = in;
        assertThat(answer(read("/slave/log")).getReadFile().getSize()).isPositive();
        assertThat(get("/files/download?path=/agent/log")).contains("Agent listens");
        assertThat(get("/slave(1)/state")).contains("\"log_dir\":\"" + logs + "\"");
        refused(404, "path", read("/etc/passwd"));
        Call.Builder list = call(Call.Type.LIST_FILES);
        list.getListFilesBuilder().setPath("/nowhere");
        refused(404, "path", list);
        list.getListFilesBuilder().setPath("/slave/log");
        refused(404, "directory", list);
        list.getListFilesBuilder().setPath(logs.toString());
        refused(404, "path", list);
        Call.Builder level = call(Call.Type.SET_LOGGING_LEVEL);
        level.getSetLoggingLevelBuilder()
                .setLevel(1)
                .setDuration(DurationInfo.newBuilder()
                        .setNanoseconds(Duration.ofHours(1).toNanos()));
        try {
            answered(200, level);
            assertThat(answer(call(Call.Type.GET_LOGGING_LEVEL))
                            .getGetLoggingLevel()
                            .getLevel())
                    .isEqualTo(1);
            assertThat(get("/logging/toggle")).isEqualTo("1\n");
        } finally {
            level.getSetLoggingLevelBuilder().setLevel(0).getDurationBuilder().setNanoseconds(0);
            send(level);
        }
        level.getSetLoggingLevelBuilder().getDurationBuilder().setNanoseconds(-1);
        refused(400, "duration", level);
    }

    private static Call.Builder read(String path) {
        Call.Builder read = call(Call.Type.READ_FILE);
        read.getReadFileBuilder().setPath(path).setOffset(0);
        return read;
    }

    // --- containers of operators ---

    private static ContainerID id(String value) {
        return ContainerID.newBuilder().setValue(value).build();
    }

    private static ContainerID below(ContainerID parent, String value) {
        return ContainerID.newBuilder().setParent(parent).setValue(value).build();
    }

    private static Call.Builder launch(ContainerID id, String command) {
        Call.Builder launch = call(Call.Type.LAUNCH_CONTAINER);
        launch.getLaunchContainerBuilder()
                .setContainerId(id)
                .setCommand(CommandInfo.newBuilder().setValue(command))
                .addAllResources(ResourceMessages.toMessages(Resources.parse("cpus:0.1;mem:32")));
        return launch;
    }

    private static Call.Builder waitFor(ContainerID id) {
        Call.Builder wait = call(Call.Type.WAIT_CONTAINER);
        wait.getWaitContainerBuilder().setContainerId(id);
        return wait;
    }

    private static Call.Builder kill(ContainerID id) {
        Call.Builder kill = call(Call.Type.KILL_CONTAINER);
        kill.getKillContainerBuilder().setContainerId(id);
        return kill;
    }

    private static Call.Builder remove(ContainerID id) {
        Call.Builder remove = call(Call.Type.REMOVE_CONTAINER);
        remove.getRemoveContainerBuilder().setContainerId(id);
        return remove;
    }

    private List<ContainerID> listed(boolean nested, boolean standalone) {
        Call.Builder list = call(Call.Type.GET_CONTAINERS);
        list.getGetContainersBuilder().setShowNested(nested).setShowStandalone(standalone);
        return answer(list).getGetContainers().getContainersList().stream()
                .map(Response.GetContainers.Container::getContainerId)
                .toList();
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void aStandaloneContainerLivesUntilItIsKilledAndIsThereUntilItIsRemoved(WireFormat in) throws Exception {
        format = in;
        ContainerID alone = id("alone");
        ContainerID child = below(alone, "child");
        answered(200, launch(alone, "echo from inside; sleep 1000"));
        answered(202, launch(alone, "echo again"));
        answered(200, launch(child, "until [ -e ../../go ]; do sleep 0.05; done; exit 3"));
        assertThat(listed(false, false)).isEmpty();
        assertThat(listed(false, true)).containsExactly(alone);
        assertThat(listed(true, true)).containsExactlyInAnyOrder(alone, child);
        Files.createFile(workDir.resolve("standalone/alone/go"));
        assertThat(answer(waitFor(child)).getWaitContainer().getExitStatus()).isEqualTo(3 << 8);
        answered(200, remove(child));
        assertThat(listed(true, true)).containsExactly(alone);

        Path sandbox = workDir.resolve("standalone/alone");
        await().atMost(WAIT)
                .until(() -> Files.readString(sandbox.resolve("stdout")).equals("from inside\n"));
        assertThat(get("/files/read?offset=0&path=" + sandbox.resolve("stdout")))
                .contains("from inside");
        refused(500, "still running", remove(alone));

        agent.close();
        startAgent();
        assertThat(listed(false, true)).containsExactly(alone);
        answered(200, kill(alone));
        assertThat(answer(waitFor(alone)).getWaitContainer().getExitStatus()).isEqualTo(9);
        await("nothing is held any more")
                .atMost(WAIT)
                .until(() -> listed(true, true).isEmpty());
        assertThat(answer(waitFor(alone)).getWaitContainer().getExitStatus()).isEqualTo(9);
        answered(202, launch(alone, "echo again"));
        answered(200, remove(alone));
        assertThat(listed(true, true)).isEmpty();
        assertThat(sandbox).doesNotExist();
        refused(404, "alone", waitFor(alone));
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void whatCannotRunInAContainerIsTheCallersFault(WireFormat in) {
        format = in;
        ContainerID alone = id("alone");
        Call.Builder unknown = launch(alone, "true");
        unknown.getLaunchContainerBuilder().getCommandBuilder().setUser("nobody-of-that-name");
        refused(400, "Failed to launch container: unknown user nobody-of-that-name", unknown);
        Call.Builder negative = launch(alone, "true");
        negative.getLaunchContainerBuilder()
                .getResourcesBuilder(0)
                .getScalarBuilder()
                .setValue(-1);
        refused(400, "launch_container.resources: cpus", negative);

        answered(200, launch(alone, "exec sleep 1000"));
        Call.Builder session = call(Call.Type.LAUNCH_NESTED_CONTAINER_SESSION);
        session.getLaunchNestedContainerSessionBuilder()
                .setContainerId(below(alone, "session"))
                .getCommandBuilder()
                .setValue("true")
                .setUser("nobody-of-that-name");
        refused(400, "unknown user nobody-of-that-name", session);
        session.getLaunchNestedContainerSessionBuilder()
                .getCommandBuilder()
                .clearUser()
                .getEnvironmentBuilder()
                .addVariablesBuilder()
                .setName("S")
                .setType(Environment.Variable.Type.SECRET)
                .getSecretBuilder()
                .setType(Secret.Type.REFERENCE)
                .getReferenceBuilder()
                .setName("none");
        refused(400, "environment variable S", session);
        answered(200, kill(alone));
        answer(waitFor(alone));
        answered(200, remove(alone));
    }

    private static Resource volume(String id) {
        Resource.Builder volume = Resource.newBuilder()
                .setName("disk")
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(50))
                .addReservations(Resource.ReservationInfo.newBuilder()
                        .setType(Resource.ReservationInfo.Type.STATIC)
                        .setRole("ops"));
        volume.getDiskBuilder().getPersistenceBuilder().setId(id);
        volume.getDiskBuilder()
                .setVolume(Volume.newBuilder().setContainerPath("data").setMode(Volume.Mode.RW));
        return volume.build();
    }

    @Test
    void aStandaloneContainerMayUseAPersistentVolume() throws Exception {
        await().atMost(WAIT).until(master::registered);
        Offer.Operation.Builder create = Offer.Operation.newBuilder().setType(Offer.Operation.Type.CREATE);
        create.getCreateBuilder().addVolumes(volume("v1"));
        master.send(ToAgent.newBuilder()
                .setApplyOperation(ApplyOperation.newBuilder()
                        .setFrameworkId(FrameworkID.newBuilder().setValue("ops"))
                        .setInfo(create)
                        .setUuid(ByteString.copyFromUtf8("0123456789abcdef"))));
        await().atMost(WAIT).until(() -> master.heard.stream().anyMatch(FromAgent::hasOperationUpdate));
        for (String[] step : new String[][] {{"first", "echo kept > data/file"}, {"second", "cat data/file"}}) {
            ContainerID id = id(step[0]);
            Call.Builder launch = launch(id, step[1]);
            launch.getLaunchContainerBuilder().addResources(volume("v1"));
            answered(200, launch);
            assertThat(answer(waitFor(id)).getWaitContainer().getExitStatus()).isZero();
        }
        assertThat(Files.readString(workDir.resolve("standalone/second/stdout")))
                .isEqualTo("kept\n");
        assertThat(workDir.resolve("volumes/roles/ops/v1/file")).exists();

        Call.Builder other = launch(id("third"), "true");
        other.getLaunchContainerBuilder().addResources(volume("v2"));
        refused(400, "launch_container.resources: there is no persistent volume 'v2'", other);
        assertThat(workDir.resolve("volumes/roles/ops/v2")).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void badCallsAboutContainersAreRefused(WireFormat in) {
        format = in;
        refused(400, "container_id", launch(id("../x"), "true"));
        refused(400, "container_id.parent", launch(below(id("none"), "x"), "true"));
        Call.Builder broken = launch(id("broken"), "true");
        broken.getLaunchContainerBuilder().getContainerBuilder().setType(io.paddock.proto.v1.ContainerInfo.Type.MESOS);
        broken.getLaunchContainerBuilder()
                .getContainerBuilder()
                .getMesosBuilder()
                .getImageBuilder()
                .setType(io.paddock.proto.v1.Image.Type.DOCKER)
                .getDockerBuilder()
                .setName("127.0.0.1:1/no/such:image");
        refused(400, "Failed to launch container", broken);
        assertThat(listed(true, true)).isEmpty();
        refused(404, "none", waitFor(id("none")));
        refused(404, "none", kill(id("none")));
        refused(500, "none", remove(id("none")));
        refused(500, "none", remove(below(id("none"), "x")));
        Call.Builder attach = call(Call.Type.ATTACH_CONTAINER_OUTPUT);
        attach.getAttachContainerOutputBuilder().setContainerId(id("none"));
        refused(404, "none", attach);
        refused(
                400,
                "recordio",
                call(Call.Type.ATTACH_CONTAINER_INPUT)
                        .setAttachContainerInput(Call.AttachContainerInput.newBuilder()
                                .setType(Call.AttachContainerInput.Type.CONTAINER_ID)
                                .setContainerId(id("none"))));
        Call.Builder session = call(Call.Type.LAUNCH_NESTED_CONTAINER_SESSION);
        session.getLaunchNestedContainerSessionBuilder()
                .setContainerId(below(id("none"), "s"))
                .setCommand(CommandInfo.newBuilder().setValue("true"));
        refused(400, "container_id.parent", session);
        session.getLaunchNestedContainerSessionBuilder().clearCommand();
        refused(400, "command.value", session);
        for (int signal : new int[] {-1, 65}) {
            Call.Builder kill = kill(id("none"));
            kill.getKillContainerBuilder().setSignal(signal);
            refused(400, "signal: expected from 0 to 64 but got " + signal, kill);
        }
        HttpResponse<byte[]> untyped = send(HttpRequest.newBuilder(uri("/api/v1"))
                .header("Content-Type", "application/recordio")
                .POST(HttpRequest.BodyPublishers.ofString("2\n{}")));
        assertThat(untyped.statusCode()).as(text(untyped)).isEqualTo(415);
        HttpResponse<byte[]> unreadable = send(HttpRequest.newBuilder(uri("/api/v1"))
                .header("Content-Type", "application/recordio")
                .header("Message-Content-Type", format.mediaType())
                .POST(HttpRequest.BodyPublishers.ofString("3\n{x}")));
        assertThat(unreadable.statusCode()).as(text(unreadable)).isEqualTo(400);
    }
}
