package io.paddock.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.paddock.proto.recordio.RecordIO;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.DurationInfo;
import io.paddock.proto.v1.TTYInfo;
import io.paddock.proto.v1.agent.Call;
import io.paddock.proto.v1.agent.ProcessIO;
import io.paddock.proto.v1.agent.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;

/**
 * A process inside a task's container: LAUNCH_NESTED_CONTAINER_SESSION for its output, ATTACH_CONTAINER_INPUT for its input,
 * WAIT_NESTED_CONTAINER for its end. Source: the attach rules of the Mesos v1 agent API.
 */
final class NestedSession implements AutoCloseable {
    private static final String PROTOBUF = "application/x-protobuf";
    private static final String RECORDIO = "application/recordio";
    private static final int BUFFER = 16 * 1024;
    private static final int MAX_RECORD = 8 << 20;
    private static final int HEARTBEAT_SECONDS = 30;

    /** The three streams at our end. */
    record Streams(InputStream in, OutputStream out, OutputStream err) {
        static Streams ofThisProcess() {
            return new Streams(System.in, System.out, System.err);
        }
    }

    private final JsonHttp agent;
    private final ContainerID container;
    private final Streams streams;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "paddock-exec");
        thread.setDaemon(true);
        return thread;
    });

    NestedSession(JsonHttp agent, ContainerID container, Streams streams) {
        this.agent = agent;
        this.container = container;
        this.streams = streams;
    }

    static TTYInfo window(Terminal.Size size) {
        return TTYInfo.newBuilder()
                .setWindowSize(
                        TTYInfo.WindowSize.newBuilder().setRows(size.rows()).setColumns(size.columns()))
                .build();
    }

    /** Runs a command to its end with our streams; answers its exit code. */
    int run(CommandInfo command, ContainerInfo info, boolean interactive, boolean tty) {
        Call launch = Call.newBuilder()
                .setType(Call.Type.LAUNCH_NESTED_CONTAINER_SESSION)
                .setLaunchNestedContainerSession(Call.LaunchNestedContainerSession.newBuilder()
                        .setContainerId(container)
                        .setCommand(command)
                        .setContainer(info))
                .build();
        RawMode raw = tty ? RawMode.enter() : RawMode.none();
        try {
            HttpResponse<InputStream> response = agent.client()
                    .send(
                            call(launch)
                                    .header("Accept", RECORDIO)
                                    .header("Message-Accept", PROTOBUF)
                                    .build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream output = response.body()) {
                if (response.statusCode() != 200) {
                    throw refused("LAUNCH_NESTED_CONTAINER_SESSION", response.statusCode(), output.readAllBytes());
                }
                CompletableFuture<Integer> exit = exit();
                if (interactive) {
                    input(tty);
                }
                copy(output);
                return exit.orTimeout(10, TimeUnit.SECONDS).join();
            }
        } catch (IOException e) {
            throw agent.unreachable(e);
        } catch (CompletionException e) {
            throw new CommandFailed(
                    "the command's exit code is not known: " + e.getCause().getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("interrupted");
        } finally {
            raw.close();
        }
    }

    private HttpRequest.Builder call(Message call) {
        return agent.request("/api/v1")
                .header("Content-Type", PROTOBUF)
                .POST(HttpRequest.BodyPublishers.ofByteArray(call.toByteArray()));
    }

    private static CommandFailed refused(String call, int status, byte[] body) {
        return new CommandFailed("the agent answered " + status + " to " + call + ": "
                + new String(body, StandardCharsets.UTF_8).strip());
    }

    private void copy(InputStream output) throws IOException {
        RecordIO.Decoder decoder = new RecordIO.Decoder(MAX_RECORD);
        byte[] buffer = new byte[BUFFER];
        for (int n = output.read(buffer); n >= 0; n = output.read(buffer)) {
            for (byte[] record : decoder.decode(Arrays.copyOf(buffer, n))) {
                show(ProcessIO.parseFrom(record));
            }
        }
    }

    private void show(ProcessIO io) throws IOException {
        if (io.getType() == ProcessIO.Type.DATA) {
            OutputStream to = io.getData().getType() == ProcessIO.Data.Type.STDERR ? streams.err() : streams.out();
            io.getData().getData().writeTo(to);
            to.flush();
        }
    }

    @SuppressWarnings("deprecation") // agents of Mesos before 1.3 know no other name for it
    private CompletableFuture<Integer> exit() {
        Call wait = Call.newBuilder()
                .setType(Call.Type.WAIT_NESTED_CONTAINER)
                .setWaitNestedContainer(Call.WaitNestedContainer.newBuilder().setContainerId(container))
                .build();
        return agent.client()
                .sendAsync(call(wait).header("Accept", PROTOBUF).build(), HttpResponse.BodyHandlers.ofByteArray())
                .thenApply(response -> {
                    if (response.statusCode() != 200) {
                        throw refused("WAIT_NESTED_CONTAINER", response.statusCode(), response.body());
                    }
                    try {
                        return ExitCodes.ofWait(Response.parseFrom(response.body())
                                .getWaitNestedContainer()
                                .getExitStatus());
                    } catch (InvalidProtocolBufferException e) {
                        throw new CompletionException(e);
                    }
                });
    }

    /** Sends our input, and the size of our window, for as long as there is any. */
    private void input(boolean tty) {
        SubmissionPublisher<ByteBuffer> records = new SubmissionPublisher<>();
        HttpRequest request = agent.request("/api/v1")
                .header("Content-Type", RECORDIO)
                .header("Message-Content-Type", PROTOBUF)
                .header("Accept", PROTOBUF)
                .POST(HttpRequest.BodyPublishers.fromPublisher(records))
                .build();
        agent.client()
                .sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
                .whenComplete((response, error) -> {
                    records.close();
                    if (response != null && response.statusCode() != 200) {
                        System.err.println(refused("ATTACH_CONTAINER_INPUT", response.statusCode(), response.body())
                                .getMessage());
                    }
                });
        records.submit(record(Call.AttachContainerInput.newBuilder()
                .setType(Call.AttachContainerInput.Type.CONTAINER_ID)
                .setContainerId(container)));
        timer.scheduleAtFixedRate(
                () -> records.submit(process(heartbeat())), HEARTBEAT_SECONDS, HEARTBEAT_SECONDS, TimeUnit.SECONDS);
        if (tty) {
            WindowChanges.listen(() -> Terminal.size().ifPresent(size -> records.submit(process(resize(size)))));
        }
        Thread reader = new Thread(() -> pump(records), "paddock-stdin");
        reader.setDaemon(true);
        reader.start();
    }

    private void pump(SubmissionPublisher<ByteBuffer> records) {
        byte[] buffer = new byte[BUFFER];
        try {
            for (int n = streams.in().read(buffer); n >= 0; n = streams.in().read(buffer)) {
                records.submit(process(stdin(ByteString.copyFrom(buffer, 0, n))));
            }
            records.submit(process(stdin(ByteString.EMPTY)));
        } catch (IOException | IllegalStateException e) {
            // our input is gone, or the process is: nothing more to send
            records.close();
        }
    }

    private static ProcessIO stdin(ByteString data) {
        return ProcessIO.newBuilder()
                .setType(ProcessIO.Type.DATA)
                .setData(ProcessIO.Data.newBuilder()
                        .setType(ProcessIO.Data.Type.STDIN)
                        .setData(data))
                .build();
    }

    private static ProcessIO resize(Terminal.Size size) {
        return ProcessIO.newBuilder()
                .setType(ProcessIO.Type.CONTROL)
                .setControl(ProcessIO.Control.newBuilder()
                        .setType(ProcessIO.Control.Type.TTY_INFO)
                        .setTtyInfo(window(size)))
                .build();
    }

    private static ProcessIO heartbeat() {
        return ProcessIO.newBuilder()
                .setType(ProcessIO.Type.CONTROL)
                .setControl(ProcessIO.Control.newBuilder()
                        .setType(ProcessIO.Control.Type.HEARTBEAT)
                        .setHeartbeat(ProcessIO.Control.Heartbeat.newBuilder()
                                .setInterval(DurationInfo.newBuilder()
                                        .setNanoseconds(TimeUnit.SECONDS.toNanos(HEARTBEAT_SECONDS)))))
                .build();
    }

    private static ByteBuffer process(ProcessIO io) {
        return record(Call.AttachContainerInput.newBuilder()
                .setType(Call.AttachContainerInput.Type.PROCESS_IO)
                .setProcessIo(io));
    }

    private static ByteBuffer record(Call.AttachContainerInput.Builder input) {
        return ByteBuffer.wrap(RecordIO.encode(Call.newBuilder()
                .setType(Call.Type.ATTACH_CONTAINER_INPUT)
                .setAttachContainerInput(input)
                .build()
                .toByteArray()));
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
