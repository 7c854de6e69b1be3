package io.paddock.cli;

import com.google.protobuf.ByteString;
import io.paddock.proto.recordio.RecordIO;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.DurationInfo;
import io.paddock.proto.v1.agent.Call;
import io.paddock.proto.v1.agent.ProcessIO;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Our input on its way into a process: ATTACH_CONTAINER_INPUT, a request whose body goes on for as long as there is any. */
final class SessionInput {
    private static final int HEARTBEAT_SECONDS = 30;
    private static final int OUTPUT_SECONDS = 1;
    private static final int LEAVING_SECONDS = 2;

    private final JsonHttp agent;
    private final ContainerID container;
    private final InputStream in;
    private final DetachKeys keys;
    private final Supplier<Optional<Terminal.Size>> window;
    private final SubmissionPublisher<ByteBuffer> records = new SubmissionPublisher<>();
    private final CountDownLatch answered = new CountDownLatch(1);
    private volatile @Nullable CommandFailed failure;
    private volatile boolean finished;

    /** @param window the size of our window, if it is known */
    SessionInput(
            JsonHttp agent,
            ContainerID container,
            InputStream in,
            DetachKeys keys,
            Supplier<Optional<Terminal.Size>> window) {
        this.window = window;
        this.keys = keys;
        this.agent = agent;
        this.container = container;
        this.in = in;
    }

    /** Why the input does not get to the process; null while it does. */
    @Nullable
    CommandFailed failure() {
        return failure;
    }

    /** The process has ended: the input may break from now on. */
    void finished() {
        finished = true;
    }

    /**
     * Starts sending.
     *
     * @param tty whether the window's size goes along, and again whenever it changes
     * @param over run when the agent does not take it, or no key of a terminal can be heard any more, or our user leaves
     */
    void start(boolean tty, Runnable over) {
        HttpRequest request = agent.request("/api/v1")
                .header("Content-Type", ContainerSession.RECORDIO)
                .header("Message-Content-Type", ContainerSession.PROTOBUF)
                .header("Accept", ContainerSession.PROTOBUF)
                .POST(HttpRequest.BodyPublishers.fromPublisher(subscriber -> {
                    records.subscribe(subscriber); // what is submitted before that is lost
                    begin(tty, over);
                }))
                .build();
        agent.client()
                .sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
                .whenComplete((response, error) -> {
                    records.close();
                    answered.countDown();
                    if (response == null) {
                        CompletableFuture.delayedExecutor(OUTPUT_SECONDS, TimeUnit.SECONDS)
                                .execute(() -> broke(error, tty, over));
                    } else if (response.statusCode() != 200) {
                        failure = ContainerSession.refused(
                                "ATTACH_CONTAINER_INPUT", response.statusCode(), response.body());
                        over.run();
                    }
                });
    }

    /** Told when the output has had the time to say what there is to say, if it is the process that has ended or the agent. */
    private void broke(Throwable error, boolean tty, Runnable over) {
        if (finished) {
            return;
        }
        CommandFailed lost = agent.lost(error, "The input does not get through any more.");
        if (tty) {
            failure = lost;
            over.run();
        } else {
            System.err.println(lost.getMessage());
        }
    }

    private void begin(boolean tty, Runnable over) {
        records.submit(record(Call.AttachContainerInput.newBuilder()
                .setType(Call.AttachContainerInput.Type.CONTAINER_ID)
                .setContainerId(container)));
        beat();
        if (tty) {
            WindowChanges.listen(this::submitWindow);
            submitWindow(); // a task that was there before us knows nothing of our window
        }
        Thread reader = new Thread(() -> pump(over), "paddock-stdin");
        reader.setDaemon(true);
        reader.start();
    }

    private void submitWindow() {
        window.get().ifPresent(size -> submit(resize(size)));
    }

    /** Proxies cut connections that are silent for long. */
    private void beat() {
        CompletableFuture.delayedExecutor(HEARTBEAT_SECONDS, TimeUnit.SECONDS).execute(() -> {
            if (submit(heartbeat())) {
                beat();
            }
        });
    }

    private void pump(Runnable over) {
        byte[] buffer = new byte[ContainerSession.BUFFER];
        try {
            boolean open = true;
            for (int n = in.read(buffer); open && n >= 0; n = in.read(buffer)) {
                byte[] passed = keys.filter(buffer, n);
                open = passed.length == 0 || submit(stdin(ByteString.copyFrom(passed)));
                if (keys.pressed()) {
                    leave(over);
                    return;
                }
            }
            submit(stdin(ByteString.EMPTY));
        } catch (IOException e) {
            System.err.println("The input cannot be read any further: " + e.getMessage());
        }
        records.close();
    }

    /** What was typed before has to get there first. */
    private void leave(Runnable over) {
        records.close();
        try {
            answered.await(LEAVING_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        over.run();
    }

    /** Sends, waiting while too much is on its way; answers whether the request is still open. */
    private boolean submit(ProcessIO io) {
        try {
            records.submit(record(Call.AttachContainerInput.newBuilder()
                    .setType(Call.AttachContainerInput.Type.PROCESS_IO)
                    .setProcessIo(io)));
            return true;
        } catch (IllegalStateException e) {
            return false; // closed: the process is gone
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
                        .setTtyInfo(ContainerSession.window(size)))
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

    private static ByteBuffer record(Call.AttachContainerInput.Builder input) {
        return ByteBuffer.wrap(RecordIO.encode(Call.newBuilder()
                .setType(Call.Type.ATTACH_CONTAINER_INPUT)
                .setAttachContainerInput(input)
                .build()
                .toByteArray()));
    }
}
