package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.paddock.proto.recordio.RecordIO;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.agent.Call;
import io.paddock.proto.v1.agent.ProcessIO;
import io.paddock.proto.v1.agent.Response;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Output and input of tasks, and processes beside them, over HTTP. */
class ProcessStreamsTest extends AgentUnderTest {
    @Test
    void theOutputOfATaskCanBeFollowed() throws Exception {
        run(task("t1", "for i in 1 2 3 4 5 6 7 8; do sleep 0.3; echo line $i; done"));
        awaitState("t1", TaskState.TASK_RUNNING);
        Call attach = Call.newBuilder()
                .setType(Call.Type.ATTACH_CONTAINER_OUTPUT)
                .setAttachContainerOutput(Call.AttachContainerOutput.newBuilder()
                        .setContainerId(master.last("t1")
                                .getStatus()
                                .getContainerStatus()
                                .getContainerId()))
                .build();
        byte[] body = post(attach).body();
        StringBuilder text = new StringBuilder();
        for (byte[] record : new RecordIO.Decoder(1 << 20).decode(body)) {
            text.append(ProcessIO.parseFrom(record).getData().getData().toStringUtf8());
        }
        assertThat(text).contains("line 7\nline 8\n");
    }

    @Test
    void aSessionRunsInTheTasksContainer() throws Exception {
        run(task("t1", "echo here > file; sleep 1000"));
        awaitState("t1", TaskState.TASK_RUNNING);
        ContainerID session = ContainerID.newBuilder()
                .setValue("session")
                .setParent(master.last("t1").getStatus().getContainerStatus().getContainerId())
                .build();
        Call.Builder launch = Call.newBuilder().setType(Call.Type.LAUNCH_NESTED_CONTAINER_SESSION);
        launch.getLaunchNestedContainerSessionBuilder()
                .setContainerId(session)
                .setCommand(CommandInfo.newBuilder().setValue("cat $MESOS_SANDBOX/file; echo bad >&2; exit 3"));
        String out = "";
        String err = "";
        for (byte[] record :
                new RecordIO.Decoder(1 << 20).decode(post(launch.build()).body())) {
            ProcessIO.Data data = ProcessIO.parseFrom(record).getData();
            out += data.getType() == ProcessIO.Data.Type.STDOUT ? data.getData().toStringUtf8() : "";
            err += data.getType() == ProcessIO.Data.Type.STDERR ? data.getData().toStringUtf8() : "";
        }
        assertThat(out).isEqualTo("here\n");
        assertThat(err).isEqualTo("bad\n");
        Call.Builder wait = Call.newBuilder().setType(Call.Type.WAIT_CONTAINER);
        wait.getWaitContainerBuilder().setContainerId(session);
        assertThat(Response.parseFrom(post(wait.build()).body())
                        .getWaitContainer()
                        .getExitStatus())
                .isEqualTo(3 << 8);
    }

    @Test
    void aTaskWithATerminalCanBeAttachedTo() throws Exception {
        TaskInfo.Builder task =
                task("t1", "echo name?; read name; echo hello $name, $(stty size); sleep 1000").toBuilder();
        task.getContainerBuilder().setType(ContainerInfo.Type.MESOS).getTtyInfoBuilder();
        run(task.build());
        run(task("t2", "sleep 1000"));
        awaitState("t1", TaskState.TASK_RUNNING);
        awaitState("t2", TaskState.TASK_RUNNING);
        ContainerID id = master.last("t1").getStatus().getContainerStatus().getContainerId();
        ProcessIO.Builder resize = ProcessIO.newBuilder().setType(ProcessIO.Type.CONTROL);
        resize.getControlBuilder()
                .setType(ProcessIO.Control.Type.TTY_INFO)
                .getTtyInfoBuilder()
                .getWindowSizeBuilder()
                .setRows(20)
                .setColumns(70);
        ProcessIO.Builder typed = ProcessIO.newBuilder().setType(ProcessIO.Type.DATA);
        typed.getDataBuilder().setType(ProcessIO.Data.Type.STDIN).setData(ByteString.copyFromUtf8("you\n"));
        assertThat(input(id, resize.build()).statusCode()).isEqualTo(200);
        assertThat(input(id, typed.build()).statusCode()).isEqualTo(200);
        Path stdout = Path.of(agent.view().toCompletableFuture().join().frameworks().get(0).executors().stream()
                        .filter(executor -> executor.container().equals(id))
                        .findFirst()
                        .orElseThrow()
                        .sandbox())
                .resolve("stdout");
        await().atMost(WAIT)
                .untilAsserted(() -> assertThat(Files.readString(stdout)).contains("hello you, 20 70\r\n"));
        HttpResponse<String> none =
                input(master.last("t2").getStatus().getContainerStatus().getContainerId(), typed.build());
        assertThat(none.statusCode()).isEqualTo(409);
        assertThat(none.body()).contains("has no terminal (container.tty_info)");
        assertThat(input(ContainerID.newBuilder().setValue("nobody").build(), typed.build())
                        .statusCode())
                .isEqualTo(404);
    }

    /** ATTACH_CONTAINER_INPUT with one message after the container's id. */
    private HttpResponse<String> input(ContainerID id, ProcessIO io) throws Exception {
        Call.Builder first = Call.newBuilder().setType(Call.Type.ATTACH_CONTAINER_INPUT);
        first.getAttachContainerInputBuilder()
                .setType(Call.AttachContainerInput.Type.CONTAINER_ID)
                .setContainerId(id);
        Call.Builder second = Call.newBuilder().setType(Call.Type.ATTACH_CONTAINER_INPUT);
        second.getAttachContainerInputBuilder()
                .setType(Call.AttachContainerInput.Type.PROCESS_IO)
                .setProcessIo(io);
        byte[] one = RecordIO.encode(first.build().toByteArray());
        byte[] two = RecordIO.encode(second.build().toByteArray());
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + "/api/v1"))
                        .header("Content-Type", "application/recordio")
                        .header("Message-Content-Type", "application/x-protobuf")
                        .POST(HttpRequest.BodyPublishers.ofByteArrays(java.util.List.of(one, two)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
