package io.paddock.agent.server.http;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerInput;
import io.paddock.agent.server.containers.Containers;
import io.paddock.agent.server.containers.ExecSession;
import io.paddock.agent.server.containers.ExecSpec;
import io.paddock.agent.server.containers.Exit;
import io.paddock.common.Rejection;
import io.paddock.platform.files.FileReads;
import io.paddock.platform.http.Exchange;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.http.Responses;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.recordio.RecordIO;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.TTYInfo;
import io.paddock.proto.v1.agent.Call;
import io.paddock.proto.v1.agent.ProcessIO;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.SharedKillSwitch;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Interactive processes in running containers: what {@code exec} uses. LAUNCH_NESTED_CONTAINER_SESSION answers with the
 * process's output and ends it when the client goes away; ATTACH_CONTAINER_INPUT streams its input, or that of a container
 * with a terminal. Both framed as RecordIO. The exit stays readable for a while. Thread safe.
 */
final class Sessions {
    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);
    private static final int MAX_RECORD_BYTES = 4 << 20;
    private static final int CHUNK_BYTES = 16 << 10;
    private static final long KEEP_EXIT_MINUTES = 5;

    private final ActorSystem<?> system;
    private final Containers containers;
    private final ProcessStreams streams;
    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private final Set<String> attachedContainers = ConcurrentHashMap.newKeySet();

    /** One process; {@code attached} once its input is taken, {@code cut} once it is killed for the agent's end. */
    private static final class Session {
        final CompletableFuture<ExecSession> process = new CompletableFuture<>();
        volatile boolean cut;
        boolean attached; // guarded by this

        synchronized boolean attach() {
            boolean first = !attached;
            attached = true;
            return first;
        }
    }

    Sessions(ActorSystem<?> system, Containers containers, ProcessStreams streams) {
        this.system = system;
        this.containers = containers;
        this.streams = streams;
    }

    CompletionStage<HttpResponse> launch(Call.LaunchNestedContainerSession call, Exchange exchange) {
        ContainerID id = call.getContainerId();
        Optional<Rejection> bad = ContainerCalls.check(id);
        if (bad.isPresent()) {
            return done(Responses.rejected(bad.get()));
        }
        if (!call.getCommand().hasValue()) {
            return done(Responses.rejected(
                    Rejection.invalid("launch_nested_container_session.command.value: expected to be present")));
        }
        if (!id.hasParent() || !containers.list().contains(id.getParent())) {
            return done(Responses.rejected(Rejection.invalid("container_id.parent: no running container "
                    + (id.hasParent() ? ContainerIds.text(id.getParent()) : ""))));
        }
        Optional<OutputFormat> format = OutputFormat.of(exchange);
        if (format.isEmpty()) {
            return done(OutputFormat.notAcceptable());
        }
        Session session = new Session();
        String name = ContainerIds.text(id);
        if (containers.list().contains(id) || sessions.putIfAbsent(name, session) != null) {
            return done(Responses.rejected(Rejection.conflict("container_id: " + name + " is in use")));
        }
        Optional<TTYInfo> terminal = call.getContainer().hasTtyInfo()
                ? Optional.of(call.getContainer().getTtyInfo())
                : Optional.empty();
        ExecSpec spec = new ExecSpec(call.getCommand(), Map.of(), terminal, false);
        return containers.exec(id.getParent(), spec).handle((process, failure) -> {
            if (process == null) {
                sessions.remove(name, session);
                session.process.completeExceptionally(failure);
                return ContainerCalls.failed(failure);
            }
            session.process.complete(process);
            forgetLater(name, session, process);
            // Nothing else would end it when nobody has begun to read.
            HttpServer.clientGone(exchange.request()).thenRunAsync(process::kill, streams.threads());
            return format.get().response(output(process, format.get()));
        });
    }

    private void forgetLater(String name, Session session, ExecSession process) {
        process.exited()
                .whenComplete((exit, failure) -> CompletableFuture.delayedExecutor(KEEP_EXIT_MINUTES, TimeUnit.MINUTES)
                        .execute(() -> sessions.remove(name, session)));
    }

    private Source<ByteString, NotUsed> output(ExecSession process, OutputFormat format) {
        Source<ProcessIO, ?> stdout = stream(process.stdout(), ProcessIO.Data.Type.STDOUT);
        Source<ProcessIO, ?> stderr = stream(process.stderr(), ProcessIO.Data.Type.STDERR);
        return stdout.merge(stderr)
                .keepAlive(streams.heartbeat(), () -> OutputFormat.heartbeat(streams.heartbeat()))
                .map(format::frame)
                .watchTermination((ignored, end) -> {
                    end.whenComplete((finished, failure) -> {
                        if (failure != null) {
                            process.kill();
                        }
                    });
                    return NotUsed.getInstance();
                });
    }

    private Source<ProcessIO, ?> stream(InputStream stream, ProcessIO.Data.Type type) {
        return Source.unfoldResourceAsync(
                        () -> CompletableFuture.completedFuture(stream),
                        open -> streams.supply(() -> read(open), Optional.empty()),
                        open -> streams.supply(() -> close(open), Done.getInstance()))
                .via(streams.untilClosed())
                .map(bytes -> OutputFormat.data(type, bytes));
    }

    /** Blocks for the next bytes; empty at the end. */
    private static Optional<com.google.protobuf.ByteString> read(InputStream stream) {
        try {
            byte[] buffer = new byte[CHUNK_BYTES];
            int n = stream.read(buffer);
            return n < 0 ? Optional.empty() : Optional.of(com.google.protobuf.ByteString.copyFrom(buffer, 0, n));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Done close(InputStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            LOG.debug("a session's output was not closed: {}", e.toString());
        }
        return Done.getInstance();
    }

    /** Whether there is such a session; its output goes to whoever launched it. */
    boolean has(ContainerID id) {
        return sessions.containsKey(ContainerIds.text(id));
    }

    boolean isInput(HttpRequest request) {
        return request.entity().getContentType().mediaType().equals(OutputFormat.RECORDIO.mediaType());
    }

    /** The request's body is the input; answers when it has ended or the process has. */
    CompletionStage<HttpResponse> attachInput(
            HttpRequest request, Function<Call, CompletionStage<Optional<Rejection>>> refused) {
        Optional<WireFormat> format =
                request.getHeader("Message-Content-Type").flatMap(header -> WireFormat.ofMediaType(header.value()));
        if (format.isEmpty()) {
            request.discardEntityBytes(system);
            return done(Responses.text(
                    StatusCodes.UNSUPPORTED_MEDIA_TYPE,
                    "Message-Content-Type: expected application/json or application/x-protobuf"));
        }
        RecordIO.Decoder decoder = new RecordIO.Decoder(MAX_RECORD_BYTES);
        Input input = new Input();
        CompletionStage<HttpResponse> answer = request.entity()
                .withoutSizeLimit()
                .getDataBytes()
                .mapConcat(bytes -> decoder.decode(bytes.toArrayUnsafe()))
                .map(record -> format.get().decode(record, Call.getDefaultInstance()))
                .viaMat(input.untilEnded.flow(), Keep.left())
                .via(streams.untilClosed())
                .mapAsync(1, call -> input.take(call, refused))
                .run(system)
                .handle((finished, failure) -> input.answer(failure));
        return answer.whenComplete((response, failure) -> input.release());
    }

    /** One input stream: the first record names the container, the others are its input. */
    private final class Input {
        /** Stops the stream when the process ends. */
        final SharedKillSwitch untilEnded = KillSwitches.shared("input");

        private @Nullable ContainerInput process;
        /** The container whose input is given back at the end; a session's never is. */
        private @Nullable String taken;

        CompletionStage<Done> take(Call call, Function<Call, CompletionStage<Optional<Rejection>>> refused) {
            ContainerInput attached = process;
            Call.AttachContainerInput record = call.getAttachContainerInput();
            require(
                    call,
                    attached == null
                            ? Call.AttachContainerInput.Type.CONTAINER_ID
                            : Call.AttachContainerInput.Type.PROCESS_IO);
            if (attached != null) {
                return streams.supply(() -> write(attached, record.getProcessIo()), Done.getInstance());
            }
            return refused.apply(call).thenCompose(rejection -> {
                rejection.ifPresent(why -> {
                    throw new FileReads.Refused(why);
                });
                return attach(record);
            });
        }

        /** What the caller may do was asked for by the type of its call. */
        private void require(Call call, Call.AttachContainerInput.Type part) {
            if (call.getType() != Call.Type.ATTACH_CONTAINER_INPUT) {
                throw new FileReads.Refused(
                        Rejection.invalid("type: expected ATTACH_CONTAINER_INPUT, got " + call.getType()));
            }
            if (call.getAttachContainerInput().getType() != part) {
                throw new FileReads.Refused(Rejection.invalid("attach_container_input.type: expected " + part + ", got "
                        + call.getAttachContainerInput().getType()));
            }
        }

        private CompletionStage<Done> attach(Call.AttachContainerInput record) {
            ContainerID id = record.getContainerId();
            String name = ContainerIds.text(id);
            Session session = sessions.get(name);
            if (session == null ? !attachedContainers.add(name) : !session.attach()) {
                throw new FileReads.Refused(Rejection.conflict("container_id: " + name + " has its input already"));
            }
            taken = session == null ? name : null;
            CompletionStage<? extends ContainerInput> input = session == null ? containers.input(id) : session.process;
            CompletionStage<Exit> end =
                    session == null ? containers.exited(id) : session.process.thenCompose(ExecSession::exited);
            end.whenComplete((exit, failure) -> untilEnded.shutdown());
            return input.thenApply(found -> {
                process = found;
                return Done.getInstance();
            });
        }

        void release() {
            ContainerInput attached = process;
            if (taken != null) {
                attachedContainers.remove(taken);
                if (attached != null) {
                    streams.supply(() -> close(attached), Done.getInstance());
                }
            }
        }

        private Done close(ContainerInput attached) {
            try {
                attached.stdin().close();
            } catch (IOException e) {
                LOG.debug("a container's input was not closed: {}", e.toString());
            }
            return Done.getInstance();
        }

        private Done write(ContainerInput to, ProcessIO io) {
            try {
                if (io.getType() == ProcessIO.Type.CONTROL) {
                    TTYInfo.WindowSize size = io.getControl().getTtyInfo().getWindowSize();
                    if (io.getControl().hasTtyInfo()) {
                        to.resize(size.getRows(), size.getColumns());
                    }
                } else if (io.getData().getData().isEmpty()) {
                    if (taken == null) {
                        to.stdin().close();
                    }
                } else {
                    io.getData().getData().writeTo(to.stdin());
                    to.stdin().flush();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return Done.getInstance();
        }

        HttpResponse answer(@Nullable Throwable failure) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            if (cause instanceof FileReads.Refused refused) {
                return Responses.rejected(refused.rejection());
            }
            if (process == null && failure != null && !(cause instanceof IllegalArgumentException)) {
                return ContainerCalls.failed(failure);
            }
            // input the process did not read is no error of the client: it learns of the end by the output
            return cause instanceof IllegalArgumentException bad
                    ? Responses.rejected(Rejection.invalid(String.valueOf(bad.getMessage())))
                    : HttpResponse.create();
        }
    }

    /** How a session's process has ended; refused for one that only the agent's end has ended. */
    Optional<CompletionStage<Exit>> exited(ContainerID id) {
        return Optional.ofNullable(sessions.get(ContainerIds.text(id)))
                .map(session -> session.process.thenCompose(ExecSession::exited).thenApply(exit -> {
                    if (session.cut) {
                        throw new FileReads.Refused(Rejection.unavailable("the agent ends, and its sessions with it"));
                    }
                    return exit;
                }));
    }

    /** Whether there is such a session. */
    boolean kill(ContainerID id) {
        Session session = sessions.get(ContainerIds.text(id));
        if (session != null) {
            session.process.thenAccept(ExecSession::kill);
        }
        return session != null;
    }

    /** Ends all processes. */
    void close() {
        sessions.values()
                .forEach(session -> session.process.thenAccept(process -> {
                    session.cut = !process.exited().toCompletableFuture().isDone();
                    process.kill();
                }));
    }

    /** Whether there was such a session. */
    boolean forget(ContainerID id) {
        return sessions.remove(ContainerIds.text(id)) != null;
    }

    private static CompletionStage<HttpResponse> done(HttpResponse response) {
        return CompletableFuture.completedFuture(response);
    }
}
