package io.paddock.proto.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Any protobuf message to and from JSON in the Mesos mapping.
 *
 * <p>Output: fields in the order of their numbers, snake_case names, enums by name, bytes in standard base64, 64-bit
 * integers as numbers, integral doubles as {@code 1.0}, infinities and NaN as strings. Unset fields are left out, except
 * optional fields with an explicit default that are not deprecated: these print their default. Empty lists are left out.
 *
 * <p>Input: unknown keys are ignored, {@code null} is unset, numbers may be strings (also {@code "Infinity"}), unknown
 * enum values are ignored where the field is optional, {@code required} is enforced. Everything else that does not fit
 * throws {@link JsonFormatException} naming the path of the field.
 *
 * <p>Thread safe.
 */
public final class JsonCodec {
    private static final int MAX_STRING_CHARS = 64 << 20;
    /** JSON of a message is usually not more than this times its protobuf. */
    private static final int USUAL_GROWTH = 3;

    private static final int SMALLEST_BUFFER = 64;
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(MAX_STRING_CHARS)
                    .build())
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .build();

    private JsonCodec() {}

    /** The message as UTF-8 JSON. */
    public static byte[] toJson(Message message) {
        return encoded(message).toByteArray();
    }

    /** The message as JSON text. */
    public static String toJsonString(Message message) {
        return encoded(message).toString();
    }

    /** Writes the message as one JSON object at the generator's position, for a larger document. */
    public static void write(Message message, JsonGenerator generator) throws IOException {
        generator.writeRawValue(encoded(message).toString());
    }

    private static JsonBuffer encoded(Message message) {
        byte[] protobuf = message.toByteArray();
        JsonBuffer json = new JsonBuffer(USUAL_GROWTH * protobuf.length + SMALLEST_BUFFER);
        try {
            JsonOutput.writeObject(MessageTable.of(message.getDescriptorForType()), new ProtoCursor(protobuf), json);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a message encodes to what is no protobuf: " + e.getMessage(), e);
        }
        return json;
    }

    /**
     * Reads one JSON object.
     *
     * @param json UTF-8 text
     * @param defaultInstance says which type to read
     * @throws JsonFormatException when the text is not JSON or does not fit the type
     */
    public static <M extends Message> M fromJson(byte[] json, M defaultInstance) {
        MessageTable table = MessageTable.of(defaultInstance.getDescriptorForType());
        ProtoBuffer buffer = new ProtoBuffer(Math.max(64, json.length));
        try (JsonParser parser = FACTORY.createParser(json)) {
            JsonInput.readDocument(table, json, parser, buffer);
            @SuppressWarnings("unchecked") // a message's parser makes messages of its own type
            M message = (M) buffer.parse(defaultInstance.getParserForType());
            return message;
        } catch (JsonProcessingException e) {
            throw new JsonFormatException("Not valid JSON: " + e.getOriginalMessage() + position(e));
        } catch (InvalidProtocolBufferException e) {
            throw new JsonFormatException(table.name() + " cannot be built from this JSON: " + e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@link #fromJson(byte[], Message)}, from text. */
    public static <M extends Message> M fromJson(String json, M defaultInstance) {
        return fromJson(json.getBytes(StandardCharsets.UTF_8), defaultInstance);
    }

    private static String position(JsonProcessingException e) {
        return e.getLocation() == null
                ? ""
                : " (line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ")";
    }
}
