package io.paddock.client.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.paddock.client.Credential;
import io.paddock.client.Encoding;
import io.paddock.common.Rejection;
import io.paddock.common.resources.Resources;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.Attribute;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A master for tests: speaks the v1 scheduler API over HTTP on an ephemeral port of the loopback interface. Agents are
 * simulated, tasks follow a {@link TaskScript} (by default they run until they are killed).
 *
 * <p>Faults on demand: streams cut, calls lost, heartbeats silenced, 503, redirects, fail-over to a new master that knows agents and
 * tasks but no frameworks. Operations other than LAUNCH and LAUNCH_GROUP are accepted and have no effect.
 *
 * <p>Thread safe.
 */
public final class InMemoryMaster implements AutoCloseable {
    private static final int DEFAULT_AGENT_PORT = 5051;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(InMemoryMaster::daemon);
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor(InMemoryMaster::daemon);
    private final Set<HttpExchange> streams = ConcurrentHashMap.newKeySet();
    private final Cluster cluster;
    private final Duration heartbeat;
    private volatile boolean heartbeats = true;
    private volatile @Nullable Rejection refusal;
    private final AtomicReference<Call.@Nullable Type> losing = new AtomicReference<>();
    private volatile @Nullable String redirect;
    private volatile @Nullable Credential credential;

    private InMemoryMaster(Duration heartbeat, @Nullable SSLContext tls) throws IOException {
        this.heartbeat = heartbeat;
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        this.server = tls == null ? HttpServer.create(anyPort, 0) : secured(HttpsServer.create(anyPort, 0), tls);
        this.cluster = new Cluster(timers, heartbeat, server.getAddress().getPort());
        server.createContext("/api/v1/scheduler", this::answer);
        server.createContext("/master/api/v1/scheduler", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    private static HttpServer secured(HttpsServer server, SSLContext tls) {
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        return server;
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "in-memory-master");
        thread.setDaemon(true);
        return thread;
    }

    /** Starts a master without agents, with a heartbeat every 15 s. */
    public static InMemoryMaster start() {
        return start(Duration.ofSeconds(15));
    }

    /** Starts a master without agents. */
    public static InMemoryMaster start(Duration heartbeat) {
        return start(heartbeat, null);
    }

    /** Starts a master without agents that speaks https only, with the key of this context. */
    public static InMemoryMaster startWithTls(SSLContext tls) {
        return start(Duration.ofSeconds(15), tls);
    }

    private static InMemoryMaster start(Duration heartbeat, @Nullable SSLContext tls) {
        try {
            return new InMemoryMaster(heartbeat, tls);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen on the loopback interface", e);
        }
    }

    /** {@code 127.0.0.1:port}. */
    public String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /**
     * Adds a machine, whose resources are offered at once.
     *
     * @param resources such as {@code cpus:4;mem:4096;ports:[31000-32000]}
     */
    public AgentID addAgent(String hostname, String resources) {
        return addAgent(hostname, resources, Map.of());
    }

    /** As {@link #addAgent(String, String)}, with text attributes. */
    public AgentID addAgent(String hostname, String resources, Map<String, String> attributes) {
        return addAgent(hostname, DEFAULT_AGENT_PORT, resources, attributes);
    }

    /** As {@link #addAgent(String, String)}, with text attributes and the port that its offers name. */
    public AgentID addAgent(String hostname, int port, String resources, Map<String, String> attributes) {
        List<Attribute> list = new ArrayList<>();
        attributes.forEach((name, text) -> list.add(Attribute.newBuilder()
                .setName(name)
                .setType(Value.Type.TEXT)
                .setText(Value.Text.newBuilder().setValue(text))
                .build()));
        return cluster.addAgent(hostname, port, Resources.parse(resources), list);
    }

    /** The machine is lost: its offers are rescinded, its tasks unreachable. */
    public void removeAgent(AgentID agent) {
        cluster.removeAgent(agent);
    }

    /** Decides what tasks launched from now on will do. */
    public void script(Function<TaskInfo, TaskScript> scripts) {
        cluster.follow(scripts);
    }

    /** Makes a task report a state now. */
    public void report(String taskId, TaskState state, String message) {
        cluster.report(taskId, state, message, null, null);
    }

    /** As {@link #report(String, TaskState, String)}, with a reason. */
    public void report(String taskId, TaskState state, String message, TaskStatus.Reason reason) {
        cluster.report(taskId, state, message, reason, null);
    }

    /** Makes a running task's health check have a verdict. */
    public void reportHealth(String taskId, boolean healthy) {
        cluster.report(
                taskId,
                TaskState.TASK_RUNNING,
                null,
                TaskStatus.Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED,
                healthy);
    }

    /** The state of every task that was ever launched, by task id, in order of launch. */
    public Map<String, TaskState> tasks() {
        return cluster.tasks();
    }

    /** How a task was launched. */
    public TaskInfo task(String taskId) {
        return cluster.info(taskId);
    }

    /** The frameworks that are subscribed. */
    public List<FrameworkInfo> frameworks() {
        return cluster.frameworks();
    }

    /** How many offers are out. */
    public int openOffers() {
        return cluster.openOffers();
    }

    /** How many statuses wait to be acknowledged. */
    public int unacknowledged() {
        return cluster.unacknowledged();
    }

    /** Every call so far, the latest ten thousand. */
    public List<Call> calls() {
        return cluster.calls();
    }

    /** The calls of one type so far. */
    public List<Call> calls(Call.Type type) {
        return cluster.calls().stream().filter(c -> c.getType() == type).toList();
    }

    /** Takes all offers back. */
    public void rescindAll() {
        cluster.rescindAll();
    }

    /** Sends any event to every subscribed framework. */
    public void emit(Event event) {
        cluster.emit(event);
    }

    /** Whether heartbeats are sent. */
    public void heartbeats(boolean sent) {
        heartbeats = sent;
    }

    /** Cuts every stream; frameworks have their failover timeout to come back. */
    public void cutStreams() {
        streams.forEach(HttpExchange::close);
    }

    /**
     * A new master takes over on the same address.
     *
     * @param agentsRegister whether agents are back with it at once, or only at {@link #agentsRegister}
     */
    public void failover(boolean agentsRegister) {
        cluster.failover(agentsRegister);
        cutStreams();
    }

    /** After a failover: the agents are back. */
    public void agentsRegister() {
        cluster.agentsRegister();
    }

    /** Answers every request with this from now on; null ends it. */
    public void refuse(@Nullable Rejection rejection) {
        refusal = rejection;
    }

    /** The next call of this type does not arrive, and the connection that it came on breaks. */
    public void loseNext(Call.Type type) {
        losing.set(type);
    }

    /** Is a standby from now on and points to this {@code host:port}; null ends it. */
    public void redirectTo(@Nullable String leader) {
        redirect = leader;
    }

    /** Asks every request for this credential from now on; null ends it. */
    public void require(@Nullable Credential wanted) {
        credential = wanted;
    }

    @Override
    public void close() {
        cutStreams();
        server.stop(0);
        timers.shutdownNow();
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        Rejection rejection = refusal;
        Credential wanted = credential;
        String leader = redirect;
        String given = exchange.getRequestHeaders().getFirst("Authorization");
        if (wanted != null && !wanted.authorization().equals(given)) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"mesos-master-scheduler\"");
            reply(exchange, 401, "");
        } else if (leader != null) {
            exchange.getResponseHeaders()
                    .set("Location", "//" + leader + exchange.getRequestURI().getPath());
            reply(exchange, 307, "");
        } else if (rejection != null) {
            reply(exchange, rejection.code().httpStatus(), rejection.message());
        } else {
            take(exchange, body);
        }
    }

    private void take(HttpExchange exchange, byte[] body) throws IOException {
        Optional<Encoding> encoding = encoding(exchange.getRequestHeaders().getFirst("Content-Type"));
        if (encoding.isEmpty()) {
            reply(exchange, 415, "Content-Type: expected application/json or application/x-protobuf");
            return;
        }
        Call call;
        try {
            call = encoding.get().decode(body, Call.getDefaultInstance());
        } catch (IllegalArgumentException e) {
            reply(exchange, 400, String.valueOf(e.getMessage()));
            return;
        }
        if (losing.compareAndSet(call.getType(), null)) {
            exchange.close();
        } else if (call.getType() == Call.Type.SUBSCRIBE) {
            subscribe(exchange, call);
        } else {
            Optional<Rejection> rejection =
                    cluster.call(call, exchange.getRequestHeaders().getFirst("Mesos-Stream-Id"));
            int status = call.getType() == Call.Type.UPDATE_FRAMEWORK ? 200 : 202;
            reply(
                    exchange,
                    rejection.map(r -> r.code().httpStatus()).orElse(status),
                    rejection.map(Rejection::message).orElse(""));
        }
    }

    private void subscribe(HttpExchange exchange, Call call) throws IOException {
        Encoding accepted =
                encoding(exchange.getRequestHeaders().getFirst("Accept")).orElse(Encoding.JSON);
        EventWriter stream = new EventWriter(accepted, heartbeat, () -> heartbeats);
        String streamId = UUID.randomUUID().toString();
        Optional<Rejection> rejection = cluster.subscribe(call, stream, streamId);
        if (rejection.isPresent()) {
            reply(exchange, rejection.get().code().httpStatus(), rejection.get().message());
            return;
        }
        streams.add(exchange);
        try {
            exchange.getResponseHeaders().set("Content-Type", accepted.mediaType());
            exchange.getResponseHeaders().set("Mesos-Stream-Id", streamId);
            exchange.sendResponseHeaders(200, 0);
            stream.run(exchange.getResponseBody());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            streams.remove(exchange);
            exchange.close();
            cluster.streamLost(stream);
        }
    }

    private static Optional<Encoding> encoding(@Nullable String mediaType) {
        for (Encoding encoding : Encoding.values()) {
            if (encoding.mediaType().equals(mediaType)) {
                return Optional.of(encoding);
            }
        }
        return Optional.empty();
    }

    private static void reply(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
