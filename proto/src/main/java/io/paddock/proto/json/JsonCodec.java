package io.paddock.proto.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.io.IOException;
import java.io.OutputStream;
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
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(MAX_STRING_CHARS)
                    .build())
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build();

    private JsonCodec() {}

    /** The message as UTF-8 JSON. */
    public static byte[] toJson(Message message) {
        try (ByteArrayBuilder bytes = new ByteArrayBuilder()) {
            writeTo(message, bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The message as JSON text. */
    public static String toJsonString(Message message) {
        return new String(toJson(message), StandardCharsets.UTF_8);
    }

    /** Writes the message as UTF-8 JSON; flushes, does not close. */
    public static void writeTo(Message message, OutputStream out) throws IOException {
        try (JsonGenerator generator = FACTORY.createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            write(message, generator);
        }
    }

    /** Writes the message as one JSON object at the generator's position, for a larger document. */
    public static void write(Message message, JsonGenerator generator) throws IOException {
        MessageTable table = MessageTable.of(message.getDescriptorForType());
        JsonOutput.writeObject(table, new ProtoCursor(message.toByteArray()), generator);
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
            JsonInput.readDocument(table, parser, buffer);
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
