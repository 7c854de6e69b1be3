package io.paddock.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.paddock.proto.json.JsonCodec;

/** How messages are written on the wire; masters speak both. */
public enum Encoding {
    PROTOBUF("application/x-protobuf"),
    JSON("application/json");

    private final String mediaType;

    Encoding(String mediaType) {
        this.mediaType = mediaType;
    }

    public String mediaType() {
        return mediaType;
    }

    public byte[] encode(Message message) {
        return switch (this) {
            case PROTOBUF -> message.toByteArray();
            case JSON -> JsonCodec.toJson(message);
        };
    }

    /**
     * Reads one message.
     *
     * @throws IllegalArgumentException when the bytes are not a message of that type
     */
    @SuppressWarnings("unchecked")
    public <M extends Message> M decode(byte[] bytes, M defaultInstance) {
        return switch (this) {
            case PROTOBUF -> {
                try {
                    yield (M) defaultInstance.getParserForType().parseFrom(bytes);
                } catch (InvalidProtocolBufferException e) {
                    throw new IllegalArgumentException(
                            "not a " + defaultInstance.getDescriptorForType().getFullName() + ": " + e.getMessage(), e);
                }
            }
            case JSON -> JsonCodec.fromJson(bytes, defaultInstance);
        };
    }
}
