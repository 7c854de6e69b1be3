package io.paddock.platform.http;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.paddock.proto.json.JsonCodec;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.MediaRange;
import org.apache.pekko.http.javadsl.model.MediaType;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.headers.Accept;

/** The two encodings of every call and event. JSON first: it is preferred where a client takes both. */
public enum WireFormat {
    JSON(ContentTypes.APPLICATION_JSON) {
        @Override
        public byte[] encode(Message message) {
            return JsonCodec.toJson(message);
        }

        @Override
        public <M extends Message> M decode(byte[] body, M defaultInstance) {
            return JsonCodec.fromJson(body, defaultInstance);
        }
    },
    PROTOBUF(MediaTypes.applicationBinary("x-protobuf", true).toContentType()) {
        @Override
        public byte[] encode(Message message) {
            return message.toByteArray();
        }

        @Override
        @SuppressWarnings("unchecked") // a message's parser makes messages of its own type
        public <M extends Message> M decode(byte[] body, M defaultInstance) {
            try {
                return (M) defaultInstance.getParserForType().parseFrom(body);
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalArgumentException(
                        "Not a valid " + defaultInstance.getDescriptorForType().getFullName() + " in protobuf: "
                                + e.getMessage(),
                        e);
            }
        }
    };

    private static final List<WireFormat> FORMATS = List.of(values());

    private final ContentType contentType;

    WireFormat(ContentType contentType) {
        this.contentType = contentType;
    }

    public abstract byte[] encode(Message message);

    /**
     * Reads one message.
     *
     * @throws IllegalArgumentException when the body does not fit, with a message for the client
     */
    public abstract <M extends Message> M decode(byte[] body, M defaultInstance);

    public ContentType contentType() {
        return contentType;
    }

    /** {@code application/json} or {@code application/x-protobuf}. */
    public String mediaType() {
        return contentType.mediaType().mainType() + "/"
                + contentType.mediaType().subType();
    }

    /** The format of a media type that is parsed already; parameters are ignored. */
    static Optional<WireFormat> of(MediaType type) {
        for (WireFormat format : FORMATS) {
            MediaType own = format.contentType.mediaType();
            if (own.subType().equalsIgnoreCase(type.subType()) && own.mainType().equalsIgnoreCase(type.mainType())) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }

    /** The format of a media type; parameters are ignored. */
    public static Optional<WireFormat> ofMediaType(String mediaType) {
        String bare = mediaType.split(";", 2)[0].trim();
        return FORMATS.stream()
                .filter(format -> format.mediaType().equalsIgnoreCase(bare))
                .findFirst();
    }

    /**
     * What the request's {@code Accept} allows in the answer: JSON where it is absent, JSON before protobuf where both
     * match, absent where neither does.
     */
    public static Optional<WireFormat> accepted(HttpRequest request) {
        List<Accept> accepts = new java.util.ArrayList<>();
        request.getHeaders().forEach(header -> {
            if (header instanceof Accept accept) {
                accepts.add(accept);
            }
        });
        if (accepts.isEmpty()) {
            return Optional.of(JSON);
        }
        for (WireFormat format : FORMATS) {
            for (Accept accept : accepts) {
                if (matches(accept, format)) {
                    return Optional.of(format);
                }
            }
        }
        return Optional.empty();
    }

    private static boolean matches(Accept accept, WireFormat format) {
        boolean matched = false;
        for (MediaRange range : accept.getMediaRanges()) {
            if (range.matches(format.contentType.mediaType())) {
                if (range.qValue() <= 0) {
                    return false;
                }
                matched = true;
            }
        }
        return matched;
    }
}
