package io.paddock.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.paddock.proto.recordio.RecordIO;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.TTYInfo;
import io.paddock.proto.v1.agent.Call;
import io.paddock.proto.v1.agent.ProcessIO;
import io.paddock.proto.v1.agent.Response;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A process in a container and our streams: LAUNCH_NESTED_CONTAINER_SESSION or ATTACH_CONTAINER_OUTPUT for its output,
 * ATTACH_CONTAINER_INPUT for its input, WAIT_NESTED_CONTAINER for its end. Source: the attach rules of the Mesos v1 agent API.
 */
final class ContainerSession {
    static final String PROTOBUF = "application/x-protobuf";
    static final String RECORDIO = "application/recordio";
    static final int BUFFER = 16 * 1024;
    private static final int MAX_RECORD = 8 << 20;

    /** The three streams at our end. */
    record Streams(InputStream in, OutputStream out, OutputStream err) {
        static Streams ofThisProcess() {
            return new Streams(
                    System.in, new FileOutputStream(FileDescriptor.out), new FileOutputStream(FileDescriptor.err));
        }
    }

    private final JsonHttp agent;
    private final ContainerID container;
    private final Streams streams;

    ContainerSession(JsonHttp agent, ContainerID container, Streams streams) {
        this.agent = agent;
        this.container = container;
        this.streams = streams;
    }

    /** A terminal of this size, or of the usual one when it is not known. */
    static TTYInfo window(Optional<Terminal.Size> size) {
        return size.map(ContainerSession::window).orElse(TTYInfo.getDefaultInstance());
    }

    static TTYInfo window(Terminal.Size size) {
        return TTYInfo.newBuilder()
                .setWindowSize(
                        TTYInfo.WindowSize.newBuilder().setRows(size.rows()).setColumns(size.columns()))
                .build();
    }

    /** What an agent of ours sends from the beginning, not from now on; others do not know the header. */
    private static final String FROM_START = "Paddock-Output";

    /** Runs a command to its end with our streams; answers its exit code. */
    int run(CommandInfo command, ContainerInfo info, boolean interactive, boolean tty) {
        Call launch = Call.newBuilder()
                .setType(Call.Type.LAUNCH_NESTED_CONTAINER_SESSION)
                .setLaunchNestedContainerSession(Call.LaunchNestedContainerSession.newBuilder()
                        .setContainerId(container)
                        .setCommand(command)
                        .setContainer(info))
                .build();
        String lost = "Its command ends, too, unless the agent was killed.";
        return code(
                converse(launch, call(launch), interactive, tty, false, lost).orElseThrow());
    }

    /**
     * Joins the process that a container was started for, until it ends or our user leaves with Ctrl-P Ctrl-Q.
     *
     * @param fromStart show what it has written so far, too
     * @param tty whether it has a terminal, which takes input; others have none
     * @return its exit code; empty when our user has left
     */
    Optional<Integer> attach(boolean fromStart, boolean tty) {
        return join(fromStart, tty).map(ContainerSession::code);
    }

    /**
     * As {@link #attach}, but does without the exit code, which is only known while the agent remembers the container.
     *
     * @return the exit code, if it is known; empty when our user has left
     * @throws ContainerGone if it has ended before
     */
    Optional<CompletableFuture<Integer>> join(boolean fromStart, boolean tty) {
        Call attach = Call.newBuilder()
                .setType(Call.Type.ATTACH_CONTAINER_OUTPUT)
                .setAttachContainerOutput(
                        Call.AttachContainerOutput.newBuilder().setContainerId(container))
                .build();
        HttpRequest.Builder request = call(attach);
        if (fromStart) {
            request.header(FROM_START, "from-start");
        }
        String lost = "The task goes on; 'paddock attach' joins it again once the agent is there.";
        return converse(attach, request, tty, tty, tty, lost);
    }

    private static int code(CompletableFuture<Integer> exit) {
        if (!exit.isDone()) {
            throw new CommandFailed("the command's exit code is not known: its agent does not tell it");
        }
        try {
            return exit.join();
        } catch (CompletionException e) {
            throw new CommandFailed(
                    "the command's exit code is not known: " + e.getCause().getMessage());
        }
    }

    /** An agent that is ended ends the output, too, as if the process had; but then it does not tell of that one's end. */
    private void awaitEnd(CompletableFuture<Integer> exit, String whenLost) throws InterruptedException {
        try {
            exit.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException || e.getCause() instanceof ServerAway) {
                throw agent.lost(e.getCause(), whenLost);
            }
        } catch (TimeoutException e) {
            // whoever needs the exit code says so
        }
    }

    private Optional<CompletableFuture<Integer>> converse(
            Call call,
            HttpRequest.Builder request,
            boolean interactive,
            boolean tty,
            boolean mayLeave,
            String whenLost) {
        RawMode raw = tty ? RawMode.enter() : RawMode.none();
        try {
            HttpResponse<InputStream> response = agent.client()
                    .send(
                            request.header("Accept", RECORDIO)
                                    .header("Message-Accept", PROTOBUF)
                                    .build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream output = response.body()) {
                if (response.statusCode() != 200) {
                    throw refused(call.getType().name(), response.statusCode(), output.readAllBytes());
                }
                CompletableFuture<Integer> exit = exit();
                DetachKeys keys = new DetachKeys(mayLeave);
                SessionInput input = new SessionInput(agent, container, streams.in(), keys, Terminal::size);
                if (interactive) {
                    input.start(tty, () -> closed(output));
                }
                copy(output, input, keys, whenLost);
                if (keys.pressed()) {
                    return Optional.empty();
                }
                awaitEnd(exit, whenLost);
                return Optional.of(exit);
            }
        } catch (IOException e) {
            throw agent.unreachable(e);
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

    static CommandFailed refused(String call, int status, byte[] body) {
        String message = "the agent answered " + status + " to " + call + ": "
                + new String(body, StandardCharsets.UTF_8).strip();
        return status == 404 ? new ContainerGone(message) : JsonHttp.refused(status, message);
    }

    /** Ends the session: an agent kills the process whose output nobody reads. */
    private static void closed(InputStream output) {
        try {
            output.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void copy(InputStream output, SessionInput input, DetachKeys keys, String whenLost) {
        try {
            copy(output);
        } catch (IOException e) {
            if (keys.pressed()) {
                return; // we have closed it ourselves
            }
            CommandFailed failure = input.failure();
            if (failure != null) {
                throw failure;
            }
            throw agent.lost(e, whenLost);
        } finally {
            input.finished();
        }
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

    private void show(ProcessIO io) {
        if (io.getType() == ProcessIO.Type.DATA) {
            boolean error = io.getData().getType() == ProcessIO.Data.Type.STDERR;
            try {
                io.getData().getData().writeTo(error ? streams.err() : streams.out());
            } catch (IOException e) {
                throw OutputFailed.of(error ? "standard error" : "standard output", e);
            }
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
}
