package io.paddock.platform.http;

import io.paddock.common.Rejection;
import io.paddock.platform.json.Json;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpCharsets;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** The answers all servers give in the same form. */
public final class Responses {
    private static final Pattern CALLBACK = Pattern.compile("[A-Za-z_$][\\w$.]{0,127}");

    private Responses() {}

    /** 200 with a JSON body. */
    public static HttpResponse json(byte[] body) {
        return json(StatusCodes.OK, body);
    }

    /** A JSON body. */
    public static HttpResponse json(StatusCode status, byte[] body) {
        return HttpResponse.create().withStatus(status).withEntity(ContentTypes.APPLICATION_JSON, body);
    }

    /** 200 with a JSON body streamed as it is made. */
    public static HttpResponse json(Source<ByteString, ?> body) {
        return HttpResponse.create().withEntity(HttpEntities.createChunked(ContentTypes.APPLICATION_JSON, body));
    }

    /** Plain text, with a newline. */
    public static HttpResponse text(StatusCode status, String message) {
        return HttpResponse.create().withStatus(status).withEntity(ContentTypes.TEXT_PLAIN_UTF8, message + "\n");
    }

    /** A refused request, as Mesos answers it: its status and the message as plain text. */
    public static HttpResponse rejected(Rejection rejection) {
        return text(StatusCodes.get(rejection.code().httpStatus()), rejection.message());
    }

    /** A refused request, as Marathon answers it: its status and {@code {"message": …}}. */
    public static HttpResponse rejectedAsJson(Rejection rejection) {
        return json(StatusCodes.get(rejection.code().httpStatus()), Json.bytes(Map.of("message", rejection.message())));
    }

    /** A JSON body, wrapped in a call of the function where a {@code jsonp} parameter names one. */
    public static HttpResponse jsonp(Optional<String> callback, Source<ByteString, ?> body) {
        if (callback.isEmpty()) {
            return json(body);
        }
        if (!CALLBACK.matcher(callback.get()).matches()) {
            return rejected(Rejection.invalid("jsonp: expected the name of a function"));
        }
        Source<ByteString, ?> wrapped = Source.single(ByteString.fromString(callback.get() + "("))
                .concat(body)
                .concat(Source.single(ByteString.fromString(");")));
        return HttpResponse.create()
                .withEntity(HttpEntities.createChunked(
                        MediaTypes.customWithFixedCharset(
                                        "text", "javascript", HttpCharsets.UTF_8, java.util.Map.of(), false)
                                .toContentType(),
                        wrapped));
    }

    /** As {@link #jsonp(Optional, Source)}, for a body already made. */
    public static HttpResponse jsonp(Optional<String> callback, byte[] body) {
        return callback.isEmpty() ? json(body) : jsonp(callback, Source.single(ByteString.fromArrayUnsafe(body)));
    }
}
