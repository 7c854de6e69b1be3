package io.paddock.compatibility.rxjava;

import com.mesosphere.mesos.rx.java.AwaitableSubscription;
import com.mesosphere.mesos.rx.java.SinkOperation;
import com.mesosphere.mesos.rx.java.SinkOperations;
import com.mesosphere.mesos.rx.java.protobuf.ProtobufMesosClientBuilder;
import com.mesosphere.mesos.rx.java.protobuf.SchedulerCalls;
import com.mesosphere.mesos.rx.java.util.UserAgentEntries;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.Value;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import rx.Observable;
import rx.subjects.PublishSubject;
import rx.subjects.SerializedSubject;

/**
 * Launches and kills the tasks that standard input names ({@code launch NAME COMMAND}, {@code kill NAME}, {@code reconcile},
 * {@code teardown}) and prints what it hears ({@code subscribed ID}, {@code update NAME STATE}, {@code disconnected WHY}).
 * When the stream ends it subscribes again, at the next of the masters it was told of, as the same framework.
 */
public final class RxJavaFramework {
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final double CPUS = 0.1;
    private static final double MEM = 32;

    private record Launch(String name, String command) {}

    private final List<URI> masters;
    private final Queue<Launch> pending = new ConcurrentLinkedQueue<>();
    private final Map<String, TaskStatus> lastStatus = new ConcurrentHashMap<>();
    private final SerializedSubject<Call, Call> calls =
            PublishSubject.<Call>create().toSerialized();
    private volatile String frameworkId = "";
    private volatile boolean tornDown;

    private RxJavaFramework(List<URI> masters) {
        this.masters = masters;
    }

    /** @param arguments {@code host:port} of each master */
    public static void main(String[] arguments) {
        List<URI> masters = new ArrayList<>();
        for (String master : arguments) {
            masters.add(URI.create("http://" + master + "/api/v1/scheduler"));
        }
        RxJavaFramework framework = new RxJavaFramework(masters);
        Thread input = new Thread(framework::readInput, "input");
        input.setDaemon(true);
        input.start();
        framework.run();
        say("ended");
        System.exit(0);
    }

    private void run() {
        for (int attempt = 0; !tornDown; attempt++) {
            try {
                AwaitableSubscription stream = ProtobufMesosClientBuilder.schedulerUsingProtos()
                        .mesosUri(masters.get(attempt % masters.size()))
                        .applicationUserAgentEntry(UserAgentEntries.literal("rxjava-framework", "1"))
                        .subscribe(subscribe())
                        .processStream(this::process)
                        .build()
                        .openStream();
                stream.await();
                say("disconnected at the end of the stream");
            } catch (Throwable failure) { // the client's await throws whatever ended the stream
                say("disconnected " + failure);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private Call subscribe() {
        FrameworkInfo.Builder info = FrameworkInfo.newBuilder()
                .setUser("root")
                .setName("rxjava")
                .setFailoverTimeout(600)
                .setCheckpoint(true);
        Call.Builder call = Call.newBuilder().setType(Call.Type.SUBSCRIBE);
        if (!frameworkId.isEmpty()) {
            FrameworkID id = FrameworkID.newBuilder().setValue(frameworkId).build();
            call.setFrameworkId(id);
            info.setId(id);
        }
        return call.setSubscribe(Call.Subscribe.newBuilder().setFrameworkInfo(info))
                .build();
    }

    private Observable<Optional<SinkOperation<Call>>> process(Observable<Event> events) {
        Function<Call, Optional<SinkOperation<Call>>> sink = call ->
                Optional.of(SinkOperations.create(call, failure -> say("refused " + call.getType() + " " + failure)));
        return events.publish(shared -> shared.concatMapIterable(this::answer)
                        .mergeWith(calls.onBackpressureBuffer()
                                .takeUntil(shared.ignoreElements().materialize())))
                .map(sink::apply);
    }

    private List<Call> answer(Event event) {
        switch (event.getType()) {
            case SUBSCRIBED -> {
                frameworkId = event.getSubscribed().getFrameworkId().getValue();
                say("subscribed " + frameworkId);
            }
            case OFFERS -> {
                return event.getOffers().getOffersList().stream().map(this::use).toList();
            }
            case UPDATE -> {
                TaskStatus status = event.getUpdate().getStatus();
                lastStatus.put(status.getTaskId().getValue(), status);
                say("update " + status.getTaskId().getValue() + " " + status.getState());
                if (status.hasUuid()) {
                    return List.of(
                            SchedulerCalls.ackUpdate(id(), status.getUuid(), status.getAgentId(), status.getTaskId()));
                }
            }
            case ERROR -> say("error " + event.getError().getMessage());
            default -> {}
        }
        return List.of();
    }

    private Call use(Offer offer) {
        Launch next = pending.poll();
        if (next == null) {
            return SchedulerCalls.decline(id(), List.of(offer.getId()));
        }
        return call(Call.Type.ACCEPT)
                .setAccept(Call.Accept.newBuilder()
                        .addOfferIds(offer.getId())
                        .addOperations(Offer.Operation.newBuilder()
                                .setType(Offer.Operation.Type.LAUNCH)
                                .setLaunch(Offer.Operation.Launch.newBuilder().addTaskInfos(task(next, offer)))))
                .build();
    }

    private static TaskInfo task(Launch launch, Offer offer) {
        return TaskInfo.newBuilder()
                .setName(launch.name())
                .setTaskId(Protos.TaskID.newBuilder().setValue(launch.name()))
                .setAgentId(offer.getAgentId())
                .setCommand(Protos.CommandInfo.newBuilder().setShell(true).setValue(launch.command()))
                .addResources(scalar("cpus", CPUS))
                .addResources(scalar("mem", MEM))
                .build();
    }

    private static Resource scalar(String name, double amount) {
        return Resource.newBuilder()
                .setName(name)
                .setRole("*")
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(amount))
                .build();
    }

    private void readInput() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                obey(line.split(" ", 3));
            }
        } catch (IOException e) {
            say("input ended " + e);
        }
    }

    private void obey(String[] words) {
        switch (words[0]) {
            case "launch" -> {
                pending.add(new Launch(words[1], words[2]));
                calls.onNext(call(Call.Type.REVIVE).build());
            }
            case "kill" ->
                calls.onNext(call(Call.Type.KILL)
                        .setKill(Call.Kill.newBuilder()
                                .setTaskId(Protos.TaskID.newBuilder().setValue(words[1]))
                                .setAgentId(lastStatus.get(words[1]).getAgentId()))
                        .build());
            case "reconcile" ->
                calls.onNext(call(Call.Type.RECONCILE)
                        .setReconcile(Call.Reconcile.newBuilder())
                        .build());
            case "teardown" -> {
                tornDown = true;
                calls.onNext(call(Call.Type.TEARDOWN).build());
            }
            default -> say("not understood " + words[0]);
        }
    }

    private Call.Builder call(Call.Type type) {
        return Call.newBuilder().setType(type).setFrameworkId(id());
    }

    private FrameworkID id() {
        return FrameworkID.newBuilder().setValue(frameworkId).build();
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
