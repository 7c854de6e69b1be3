package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.paddock.common.resources.Resources;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/**
 * The scheduler API over real HTTP: one master and one agent for all tests of a class, a framework for each. Every test runs
 * in JSON and in protobuf.
 */
abstract class SchedulerContract {
    /** What is no identifier of a task, a framework or anything else. */
    static final List<String> NO_IDS = List.of("", ".", "..", "a/b", "a\\b", "a\u0007", "x".repeat(256));

    static final ByteString UUID16 = ByteString.copyFromUtf8("0123456789abcdef");

    static ActorSystem<Void> system;
    static HttpClient client;
    static MasterServer master;
    static ScriptedAgent agent;
    static int roles;

    ScriptedScheduler scheduler;
    String role;

    @BeforeAll
    static void startMaster() throws Exception {
        system = ActorSystem.create(Behaviors.empty(), "scheduler-contract");
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        master = MasterServer.start(system, options).toCompletableFuture().get();
        await().until(() -> master.leadership().leading().isPresent());
        agent = ScriptedAgent.connect(client, master.port());
        agent.registerWithFeedback("cpus:1000;mem:100000;disk:10000");
    }

    @AfterAll
    static void stopMaster() {
        agent.close();
        master.close();
        system.terminate();
    }

    @AfterEach
    void tearDown() {
        if (scheduler != null) {
            scheduler.call(Call.newBuilder().setType(Call.Type.TEARDOWN));
            scheduler.close();
        }
    }

    static FrameworkInfo.Builder framework(String role) {
        FrameworkInfo.Builder info = FrameworkInfo.newBuilder()
                .setUser("root")
                .setName("contract")
                .setFailoverTimeout(60)
                .addRoles(role);
        for (FrameworkInfo.Capability.Type type : List.of(
                FrameworkInfo.Capability.Type.MULTI_ROLE,
                FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT,
                FrameworkInfo.Capability.Type.PARTITION_AWARE)) {
            info.addCapabilitiesBuilder().setType(type);
        }
        return info;
    }

    void subscribe(WireFormat format) {
        role = "role" + roles++;
        scheduler = ScriptedScheduler.subscribe(
                client, master.port(), format, framework(role).build());
        await().until(() -> !scheduler.offers().isEmpty());
    }

    Offer offer() {
        List<Offer> offers = scheduler.offers();
        return offers.get(offers.size() - 1);
    }

    static Call.Builder call(Call.Type type) {
        return Call.newBuilder().setType(type);
    }

    void accepted(Call.Builder call) {
        HttpResponse<String> response = scheduler.call(call);
        assertThat(response.body()).isEmpty();
        assertThat(response.statusCode()).isEqualTo(202);
    }

    void refused(Call.Builder call, int status, String why) {
        HttpResponse<String> response = scheduler.call(call);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.body()).contains(why);
    }

    static TaskInfo.Builder task(String id, Offer offer) {
        return TaskInfo.newBuilder()
                .setName(id)
                .setTaskId(TaskID.newBuilder().setValue(id))
                .setAgentId(offer.getAgentId())
                .setCommand(CommandInfo.newBuilder().setValue("sleep 1000"))
                .addAllResources(ResourceMessages.toMessages(Resources.parse("cpus:1;mem:32")));
    }

    static ExecutorInfo.Builder executor(String id) {
        return ExecutorInfo.newBuilder()
                .setExecutorId(ExecutorID.newBuilder().setValue(id))
                .addAllResources(ResourceMessages.toMessages(Resources.parse("cpus:0.1;mem:32;disk:10")));
    }

    static Offer.Operation.Builder launch(TaskInfo.Builder task) {
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.LAUNCH)
                .setLaunch(Offer.Operation.Launch.newBuilder().addTaskInfos(task));
    }

    Call.Builder accept(Offer.Operation.Builder... operations) {
        Call.Accept.Builder accept = Call.Accept.newBuilder().addOfferIds(offer().getId());
        Arrays.stream(operations).forEach(accept::addOperations);
        return call(Call.Type.ACCEPT).setAccept(accept);
    }

    /** What the agent was told about this framework. */
    Stream<ToAgent> told(ToAgent.MessageCase kind) {
        FrameworkID id = scheduler.frameworkId();
        return agent.received(kind).stream()
                .filter(m -> (m.hasRunTasks()
                                && m.getRunTasks().getFramework().getId().equals(id))
                        || m.toString().contains(id.getValue()));
    }

    /** A task that runs and whose RUNNING is acknowledged or waits to be. */
    TaskStatus running(String id) {
        accepted(accept(launch(task(id, offer()))));
        await().until(() -> told(ToAgent.MessageCase.RUN_TASKS).findAny().isPresent());
        agent.update(scheduler.frameworkId(), TaskID.newBuilder().setValue(id).build(), TaskState.TASK_RUNNING);
        await().until(() -> !scheduler.updates().isEmpty());
        return scheduler.updates().get(0);
    }

    static OfferID offerId() {
        return OfferID.newBuilder().setValue("none").build();
    }

    static AgentID agentId(String value) {
        return AgentID.newBuilder().setValue(value).build();
    }

    static URI uri() {
        return URI.create("http://127.0.0.1:" + master.port() + "/api/v1/scheduler");
    }

    static HttpResponse<String> raw(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    static Call.Builder update(FrameworkInfo.Builder info) {
        return call(Call.Type.UPDATE_FRAMEWORK)
                .setUpdateFramework(Call.UpdateFramework.newBuilder().setFrameworkInfo(info));
    }
}
