package io.paddock.proto.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.DiskStatistics;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.ResourceStatistics;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JsonCodecTest {
    private static final long SEED = Long.getLong("paddock.seed", System.nanoTime());

    @Test
    void writesWhatMesosWrites() {
        TaskStatus status = TaskStatus.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue("t1"))
                .setState(TaskState.TASK_RUNNING)
                .setAgentId(AgentID.newBuilder().setValue("S0"))
                .setTimestamp(1.7e9)
                .setUuid(ByteString.copyFrom(new byte[] {0, 1, 2, (byte) 255}))
                .setHealthy(false)
                .build();
        assertThat(JsonCodec.toJsonString(status))
                .isEqualTo("{\"task_id\":{\"value\":\"t1\"},\"state\":\"TASK_RUNNING\",\"agent_id\":{\"value\":\"S0\"},"
                        + "\"timestamp\":1700000000.0,\"healthy\":false,\"uuid\":\"AAEC/w==\"}");
        assertThat(JsonCodec.toJsonString(
                        Event.newBuilder().setType(Event.Type.HEARTBEAT).build()))
                .isEqualTo("{\"type\":\"HEARTBEAT\"}");
    }

    @Test
    void writes64BitNumbersUnquotedAndListsOnlyWhenTheyHaveItems() {
        ResourceStatistics statistics = ResourceStatistics.newBuilder()
                .setTimestamp(0.1)
                .setMemRssBytes(Long.MAX_VALUE)
                .setMemTotalBytes(-1)
                .addDiskStatistics(DiskStatistics.newBuilder().setUsedBytes(4_294_967_296L))
                .build();
        assertThat(JsonCodec.toJsonString(statistics))
                .isEqualTo(
                        "{\"timestamp\":0.1,\"mem_rss_bytes\":9223372036854775807,\"mem_total_bytes\":18446744073709551615,"
                                + "\"disk_statistics\":[{\"used_bytes\":4294967296}]}");
        assertThat(JsonCodec.fromJson(JsonCodec.toJson(statistics), ResourceStatistics.getDefaultInstance()))
                .isEqualTo(statistics);
    }

    @Test
    void printsExplicitDefaultsOfUnsetFieldsButNotDeprecatedOnes() {
        assertThat(JsonCodec.toJsonString(
                        CommandInfo.newBuilder().setValue("true").build()))
                .isEqualTo("{\"value\":\"true\",\"shell\":true}");
        assertThat(JsonCodec.toJsonString(
                        CommandInfo.newBuilder().setShell(false).build()))
                .isEqualTo("{\"shell\":false}");
        assertThat(JsonCodec.toJsonString(Resource.newBuilder()
                        .setName("cpus")
                        .setType(Value.Type.SCALAR)
                        .setScalar(Value.Scalar.newBuilder().setValue(Double.POSITIVE_INFINITY))
                        .build()))
                .isEqualTo("{\"name\":\"cpus\",\"type\":\"SCALAR\",\"scalar\":{\"value\":\"Infinity\"}}");
    }

    @Test
    void writesAndReadsMapsAsObjects() {
        String json = "{\"name\":\"n\",\"task_id\":{\"value\":\"t\"},\"agent_id\":{\"value\":\"S\"},"
                + "\"limits\":{\"cpus\":{\"value\":2.0},\"mem\":{\"value\":\"Infinity\"}}}";
        TaskInfo task = JsonCodec.fromJson(json, TaskInfo.getDefaultInstance());
        assertThat(task.getLimitsOrThrow("mem").getValue()).isInfinite();
        assertThat(JsonCodec.toJsonString(task)).isEqualTo(json);
    }

    @Test
    void readsNullAsUnsetIgnoresUnknownKeysAndUnknownOptionalEnums() {
        Call call = JsonCodec.fromJson(
                "{\"type\":\"NOT_INVENTED\",\"unknown\":{\"a\":[1,{}]},\"framework_id\":null,"
                        + "\"kill\":{\"task_id\":{\"value\":\"x\",\"more\":1},\"agent_id\":null}}",
                Call.getDefaultInstance());
        assertThat(call.hasType()).isFalse();
        assertThat(call.hasFrameworkId()).isFalse();
        assertThat(call.getKill().getTaskId().getValue()).isEqualTo("x");
    }

    @Test
    void readsNumbersGivenAsStringsAndIntegralReals() {
        Value.Range range =
                JsonCodec.fromJson("{\"begin\":\"31000\",\"end\":32000.0}", Value.Range.getDefaultInstance());
        assertThat(range.getBegin()).isEqualTo(31000);
        assertThat(range.getEnd()).isEqualTo(32000);
        assertThat(JsonCodec.fromJson("{\"value\":\"-Infinity\"}", Value.Scalar.getDefaultInstance())
                        .getValue())
                .isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(JsonCodec.fromJson("{\"value\":1}", Value.Scalar.getDefaultInstance())
                        .getValue())
                .isEqualTo(1.0);
    }

    @Test
    void readsAProtobufDurationAsAnObject() {
        String json = "{\"type\":\"DRAIN_AGENT\",\"drain_agent\":{\"agent_id\":{\"value\":\"S\"},"
                + "\"max_grace_period\":{\"seconds\":600,\"nanos\":5}}}";
        io.paddock.proto.v1.master.Call call =
                JsonCodec.fromJson(json, io.paddock.proto.v1.master.Call.getDefaultInstance());
        assertThat(call.getDrainAgent().getMaxGracePeriod().getSeconds()).isEqualTo(600);
        assertThat(JsonCodec.toJsonString(call)).contains("\"max_grace_period\":{\"seconds\":600,\"nanos\":5}");
    }

    static Stream<Arguments> whatDoesNotFit() {
        return Stream.of(
                Arguments.of("", "Expected a JSON object"),
                Arguments.of("[]", "Expected a JSON object"),
                Arguments.of("{\"type\":", "Not valid JSON"),
                Arguments.of("{} {}", "after the end"),
                Arguments.of("{\"accept\":{\"offer_ids\":[{\"value\":\"a\"},{}]}}", "accept.offer_ids[1].value"),
                Arguments.of("{\"accept\":{\"offer_ids\":[{\"value\":3}]}}", "accept.offer_ids[0].value"),
                Arguments.of("{\"accept\":{\"offer_ids\":{}}}", "accept.offer_ids': expected a list but got an object"),
                Arguments.of("{\"accept\":{\"offer_ids\":[null]}}", "accept.offer_ids[0]"),
                Arguments.of("{\"accept\":[]}", "'accept': expected an object but got a list"),
                Arguments.of("{\"acknowledge\":{\"uuid\":\"*\"}}", "acknowledge.uuid': expected a base64"),
                Arguments.of("{\"accept\":{\"filters\":{\"refuse_seconds\":\"x\"}}}", "accept.filters.refuse_seconds"),
                Arguments.of("{\"accept\":{\"filters\":{\"refuse_seconds\":true}}}", "accept.filters.refuse_seconds"),
                Arguments.of("{\"framework_id\":{}}", "Missing required field 'framework_id.value'"),
                Arguments.of(
                        "{\"subscribe\":{\"framework_info\":{\"user\":\"u\",\"name\":\"n\",\"checkpoint\":1}}}",
                        "subscribe.framework_info.checkpoint': expected true or false but got 1"),
                Arguments.of(
                        "{\"kill\":{\"kill_policy\":{\"grace_period\":{\"nanoseconds\":1.5}}}}",
                        "kill.kill_policy.grace_period.nanoseconds': expected a whole number of 64 bits"),
                Arguments.of(
                        "{\"kill\":{\"kill_policy\":{\"grace_period\":{\"nanoseconds\":1e999999999}}}}",
                        "kill.kill_policy.grace_period.nanoseconds': expected a whole number of 64 bits"));
    }

    @ParameterizedTest
    @MethodSource("whatDoesNotFit")
    void namesThePathOfWhatDoesNotFit(String json, String message) {
        assertThatThrownBy(() -> JsonCodec.fromJson(json, Call.getDefaultInstance()))
                .isInstanceOf(JsonFormatException.class)
                .hasMessageContaining(message);
    }

    @Test
    void anUnknownValueOfARequiredEnumIsAnError() {
        assertThatThrownBy(() -> JsonCodec.fromJson(
                        "{\"task_id\":{\"value\":\"t\"},\"state\":\"TASK_DREAMING\"}", TaskStatus.getDefaultInstance()))
                .isInstanceOf(JsonFormatException.class)
                .hasMessageContaining("'state'")
                .hasMessageContaining("TASK_DREAMING");
    }

    @Test
    void bytesThatAreNoTextBecomeValidJsonAllTheSame() throws InvalidProtocolBufferException {
        FrameworkID id = FrameworkID.parseFrom(new byte[] {0x0a, 3, 'a', (byte) 0xff, 'b'});
        assertThat(JsonCodec.toJsonString(id)).isEqualTo("{\"value\":\"a\ufffdb\"}");
    }

    @Test
    void leavesOutWhatTheSenderKnowsAndWeDoNot() {
        FrameworkID id = FrameworkID.newBuilder()
                .setValue("f")
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                1,
                                UnknownFieldSet.Field.newBuilder().addVarint(7).build())
                        .addField(
                                999,
                                UnknownFieldSet.Field.newBuilder()
                                        .addLengthDelimited(ByteString.copyFromUtf8("x"))
                                        .build())
                        .build())
                .build();
        assertThat(JsonCodec.toJsonString(id)).isEqualTo("{\"value\":\"f\"}");
    }

    @Test
    void randomMessagesSurviveTheRoundTrip() {
        System.out.println("seed " + SEED + " (repeat with -Dpaddock.seed=" + SEED + ")");
        List<Message> types = List.of(
                Call.getDefaultInstance(),
                Event.getDefaultInstance(),
                Offer.getDefaultInstance(),
                io.paddock.proto.v1.executor.Call.getDefaultInstance(),
                io.paddock.proto.v1.executor.Event.getDefaultInstance(),
                io.paddock.proto.v1.master.Call.getDefaultInstance(),
                io.paddock.proto.v1.master.Response.getDefaultInstance(),
                io.paddock.proto.v1.master.Event.getDefaultInstance(),
                io.paddock.proto.v1.agent.Call.getDefaultInstance(),
                io.paddock.proto.v1.agent.Response.getDefaultInstance(),
                io.paddock.proto.link.FromAgent.getDefaultInstance(),
                io.paddock.proto.link.ToAgent.getDefaultInstance());
        RandomMessage random = new RandomMessage(SEED);
        for (int i = 0; i < 30; i++) {
            for (Message type : types) {
                Message message = random.of(type);
                String json = JsonCodec.toJsonString(message);
                assertThat(JsonCodec.fromJson(json, type))
                        .as("seed %d: %s", SEED, json)
                        .isEqualTo(withDefaultsSet(message));
            }
        }
    }

    /** A default that was printed reads back as set, which is what every Mesos client sees too. */
    private static Message withDefaultsSet(Message message) {
        Message.Builder builder = message.toBuilder();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.isRepeated() && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
                    builder.setRepeatedField(field, i, withDefaultsSet((Message) message.getRepeatedField(field, i)));
                }
            } else if (!field.isRepeated() && message.hasField(field)) {
                if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                    builder.setField(field, withDefaultsSet((Message) message.getField(field)));
                }
            } else if (field.hasDefaultValue() && !field.getOptions().getDeprecated()) {
                builder.setField(field, field.getDefaultValue());
            }
        }
        return builder.build();
    }

    @Test
    void doublesAreShortAndExact() {
        assertThat(List.of(
                        DoubleText.of(1),
                        DoubleText.of(-0.0),
                        DoubleText.of(0.1),
                        DoubleText.of(1.7e9 + 0.25),
                        DoubleText.of(12345678.9),
                        DoubleText.of(123456789012345.6),
                        DoubleText.of(1e300),
                        DoubleText.of(1e-7)))
                .isEqualTo(List.of(
                        "1.0", "-0.0", "0.1", "1700000000.25", "12345678.9", "123456789012345.6", "1.0E300", "1.0E-7"));
    }
}
