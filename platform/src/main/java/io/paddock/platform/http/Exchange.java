package io.paddock.platform.http;

import com.google.protobuf.Message;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;

/**
 * What surrounds a call.
 *
 * @param request the request, its body consumed
 * @param requestFormat how the call was encoded
 * @param principal who calls, where credentials are demanded
 */
public record Exchange(HttpRequest request, WireFormat requestFormat, Optional<String> principal) {
    /** How the answer may be encoded; absent when the client takes neither format. Most calls have no answer to encode. */
    public Optional<WireFormat> accepted() {
        return WireFormat.accepted(request);
    }

    /** The value of a header, by its name in any case. */
    public Optional<String> header(String name) {
        return request.getHeader(name).map(header -> header.value());
    }

    /** 200 with a message in the format the client takes; 406 where it takes neither. */
    public HttpResponse reply(Message message) {
        return accepted()
                .map(format -> HttpResponse.create().withEntity(format.contentType(), format.encode(message)))
                .orElseGet(Exchange::notAcceptable);
    }

    /** 406, naming what is served. */
    public static HttpResponse notAcceptable() {
        return Responses.text(
                StatusCodes.NOT_ACCEPTABLE, "Accept: expected application/json or application/x-protobuf");
    }
}
