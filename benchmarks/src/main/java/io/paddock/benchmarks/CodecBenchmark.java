package io.paddock.benchmarks;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.Attribute;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerStatus;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Label;
import io.paddock.proto.v1.Labels;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What the messages of the scheduler API cost in JSON and in protobuf: SUBSCRIBE, OFFERS with 1,000 offers, ACCEPT with 100
 * tasks, UPDATE. Written are messages that were just built, as servers do, and one message over and over, whose sizes and
 * encoded texts protobuf keeps in it.
 *
 * <p>JMH measures elapsed time: on a quiet machine only. {@link #main} computes the ratios.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CodecBenchmark {
    private static final int OFFERS = 1_000;
    private static final int TASKS = 100;
    private static final int BUILT_AT_ONCE = 20;

    /** Which message. */
    public enum Sample {
        SUBSCRIBE,
        OFFERS,
        ACCEPT,
        UPDATE
    }

    @Param
    public Sample sample;

    private Message message;
    private byte[] json;
    private byte[] protobuf;

    @Setup
    public void make() {
        message = build(sample);
        json = JsonCodec.toJson(message);
        protobuf = message.toByteArray();
    }

    private static Message build(Sample sample) {
        return switch (sample) {
            case SUBSCRIBE -> subscribe();
            case OFFERS -> offers();
            case ACCEPT -> accept();
            case UPDATE -> update();
        };
    }

    /** Messages that nobody has encoded yet. */
    @State(Scope.Thread)
    public static class Built {
        private final Message[] messages = new Message[BUILT_AT_ONCE];

        @Setup(Level.Invocation)
        public void build(CodecBenchmark benchmark) {
            for (int i = 0; i < messages.length; i++) {
                messages[i] = CodecBenchmark.build(benchmark.sample);
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(BUILT_AT_ONCE)
    public void writeJson(Built built, Blackhole hole) {
        for (Message each : built.messages) {
            hole.consume(JsonCodec.toJson(each));
        }
    }

    @Benchmark
    @OperationsPerInvocation(BUILT_AT_ONCE)
    public void writeProtobuf(Built built, Blackhole hole) {
        for (Message each : built.messages) {
            hole.consume(each.toByteArray());
        }
    }

    @Benchmark
    public byte[] rewriteJson() {
        return JsonCodec.toJson(message);
    }

    @Benchmark
    public byte[] rewriteProtobuf() {
        return message.toByteArray();
    }

    @Benchmark
    public Message readJson() {
        return JsonCodec.fromJson(json, message.getDefaultInstanceForType());
    }

    @Benchmark
    public Message readProtobuf() throws InvalidProtocolBufferException {
        return message.getParserForType().parseFrom(protobuf);
    }

    /** Measures everything and prints the table of {@code docs/performance/codec.md}: about four minutes. */
    public static void main(String[] arguments) throws RunnerException {
        Options options = new OptionsBuilder()
                .include(CodecBenchmark.class.getName() + "\\.")
                .jvmArgsAppend("-XX:+UseSerialGC")
                .build();
        Map<String, Double> micros = new HashMap<>();
        for (RunResult result : new Runner(options).run()) {
            micros.put(
                    result.getPrimaryResult().getLabel() + result.getParams().getParam("sample"),
                    result.getPrimaryResult().getScore());
        }
        System.out.println("| message | JSON bytes | protobuf bytes | written once: JSON µs | protobuf µs | ratio"
                + " | written again: JSON µs | protobuf µs | ratio | read: JSON µs | protobuf µs | ratio |");
        System.out.println("|---|---|---|---|---|---|---|---|---|---|---|---|");
        for (Sample sample : Sample.values()) {
            Message message = build(sample);
            System.out.printf("| %s | %d | %d", sample, JsonCodec.toJson(message).length, message.getSerializedSize());
            for (String work : List.of("write", "rewrite", "read")) {
                double json = micros.get(work + "Json" + sample);
                double protobuf = micros.get(work + "Protobuf" + sample);
                System.out.printf(Locale.ROOT, " | %.2f | %.2f | **%.1f**", json, protobuf, json / protobuf);
            }
            System.out.println(" |");
        }
    }

    private static Call subscribe() {
        return Call.newBuilder()
                .setType(Call.Type.SUBSCRIBE)
                .setSubscribe(Call.Subscribe.newBuilder()
                        .setFrameworkInfo(FrameworkInfo.newBuilder()
                                .setUser("root")
                                .setName("benchmark")
                                .addRoles("services/web")
                                .setFailoverTimeout(604800)
                                .setCheckpoint(true)
                                .setHostname("scheduler-1.example.org")
                                .setWebuiUrl("http://scheduler-1.example.org:8080/")
                                .addCapabilities(capability(FrameworkInfo.Capability.Type.MULTI_ROLE))
                                .addCapabilities(capability(FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT))
                                .addCapabilities(capability(FrameworkInfo.Capability.Type.PARTITION_AWARE))))
                .build();
    }

    private static Event offers() {
        Event.Offers.Builder offers = Event.Offers.newBuilder();
        List<Resource> resources = ResourceMessages.toMessages(
                Resources.parse("cpus:24;mem:65536;disk:1048576;ports:[31000-31100,31200-31999]")
                        .allocatedTo("services/web"));
        for (int i = 0; i < OFFERS; i++) {
            offers.addOffers(Offer.newBuilder()
                    .setId(OfferID.newBuilder().setValue("c9e3f1a2-6e0c-4f39-8d0e-7b6a2f1d4c55-O" + i))
                    .setFrameworkId(framework())
                    .setAgentId(agent(i))
                    .setHostname("agent-" + i + ".example.org")
                    .addAllResources(resources)
                    .addAttributes(Attribute.newBuilder()
                            .setName("rack")
                            .setType(Value.Type.TEXT)
                            .setText(Value.Text.newBuilder().setValue("r" + i % 40)))
                    .setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole("services/web")));
        }
        return Event.newBuilder().setType(Event.Type.OFFERS).setOffers(offers).build();
    }

    private static Call accept() {
        Offer.Operation.Launch.Builder launch = Offer.Operation.Launch.newBuilder();
        List<Resource> resources = ResourceMessages.toMessages(
                Resources.parse("cpus:0.1;mem:128;ports:[31000-31000]").allocatedTo("services/web"));
        for (int i = 0; i < TASKS; i++) {
            launch.addTaskInfos(TaskInfo.newBuilder()
                    .setName("web")
                    .setTaskId(TaskID.newBuilder().setValue("web.instance-3d1f0c9e-6e0c-4f39-8d0e-" + i))
                    .setAgentId(agent(i))
                    .setCommand(CommandInfo.newBuilder()
                            .setValue("exec /srv/web --port $PORT0 --name 'front end'")
                            .setEnvironment(Environment.newBuilder()
                                    .addVariables(variable("PORT0", "31000"))
                                    .addVariables(variable("MARATHON_APP_ID", "/services/web"))
                                    .addVariables(variable("TZ", "UTC"))))
                    .addAllResources(resources)
                    .setLabels(Labels.newBuilder()
                            .addLabels(Label.newBuilder().setKey("tier").setValue("front"))));
        }
        return Call.newBuilder()
                .setType(Call.Type.ACCEPT)
                .setFrameworkId(framework())
                .setAccept(Call.Accept.newBuilder()
                        .addOfferIds(OfferID.newBuilder().setValue("c9e3f1a2-6e0c-4f39-8d0e-7b6a2f1d4c55-O7"))
                        .addOperations(Offer.Operation.newBuilder()
                                .setType(Offer.Operation.Type.LAUNCH)
                                .setLaunch(launch)))
                .build();
    }

    private static Event update() {
        return Event.newBuilder()
                .setType(Event.Type.UPDATE)
                .setUpdate(Event.Update.newBuilder()
                        .setStatus(TaskStatus.newBuilder()
                                .setTaskId(TaskID.newBuilder().setValue("web.instance-3d1f0c9e-6e0c-4f39-8d0e-1"))
                                .setState(TaskState.TASK_RUNNING)
                                .setAgentId(agent(1))
                                .setExecutorId(ExecutorID.newBuilder().setValue("web.instance-3d1f0c9e"))
                                .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
                                .setTimestamp(1_767_225_600.125)
                                .setUuid(ByteString.copyFrom(new byte[16]))
                                .setHealthy(true)
                                .setContainerStatus(ContainerStatus.newBuilder()
                                        .setContainerId(ContainerID.newBuilder()
                                                .setValue("9a2f1d4c-6e0c-4f39-8d0e-7b6a2f1d4c55"))
                                        .setExecutorPid(12345))))
                .build();
    }

    private static FrameworkID framework() {
        return FrameworkID.newBuilder()
                .setValue("c9e3f1a2-6e0c-4f39-8d0e-7b6a2f1d4c55-0001")
                .build();
    }

    private static AgentID agent(int i) {
        return AgentID.newBuilder()
                .setValue("c9e3f1a2-6e0c-4f39-8d0e-7b6a2f1d4c55-S" + i)
                .build();
    }

    private static FrameworkInfo.Capability capability(FrameworkInfo.Capability.Type type) {
        return FrameworkInfo.Capability.newBuilder().setType(type).build();
    }

    private static Environment.Variable variable(String name, String value) {
        return Environment.Variable.newBuilder().setName(name).setValue(value).build();
    }
}
