package io.paddock.agent.server.http;

import com.google.protobuf.ByteString;
import io.paddock.platform.http.Exchange;
import io.paddock.platform.http.Responses;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.recordio.RecordIO;
import io.paddock.proto.v1.DurationInfo;
import io.paddock.proto.v1.agent.ProcessIO;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.stream.javadsl.Source;

/**
 * How a process's output is encoded: RecordIO in any case. With {@code Accept: application/recordio} the messages' type
 * stands in headers of its own, otherwise in the usual ones.
 */
record OutputFormat(WireFormat messages, boolean recordio) {
    static final ContentType RECORDIO =
            MediaTypes.applicationBinary("recordio", true).toContentType();

    static Optional<OutputFormat> of(Exchange exchange) {
        boolean recordio =
                exchange.header("Accept").orElse("").toLowerCase(Locale.ROOT).contains("recordio");
        Optional<WireFormat> messages = recordio
                ? exchange.header("Message-Accept").map(WireFormat::ofMediaType).orElse(Optional.of(WireFormat.JSON))
                : exchange.accepted();
        return messages.map(format -> new OutputFormat(format, recordio));
    }

    static HttpResponse notAcceptable() {
        return Responses.text(
                StatusCodes.NOT_ACCEPTABLE,
                "Accept: expected application/recordio with Message-Accept, application/json or application/x-protobuf");
    }

    static ProcessIO data(ProcessIO.Data.Type type, ByteString bytes) {
        return ProcessIO.newBuilder()
                .setType(ProcessIO.Type.DATA)
                .setData(ProcessIO.Data.newBuilder().setType(type).setData(bytes))
                .build();
    }

    static ProcessIO heartbeat(Duration interval) {
        return ProcessIO.newBuilder()
                .setType(ProcessIO.Type.CONTROL)
                .setControl(ProcessIO.Control.newBuilder()
                        .setType(ProcessIO.Control.Type.HEARTBEAT)
                        .setHeartbeat(ProcessIO.Control.Heartbeat.newBuilder()
                                .setInterval(DurationInfo.newBuilder().setNanoseconds(interval.toNanos()))))
                .build();
    }

    org.apache.pekko.util.ByteString frame(ProcessIO io) {
        return org.apache.pekko.util.ByteString.fromArrayUnsafe(RecordIO.encode(messages.encode(io)));
    }

    HttpResponse response(Source<org.apache.pekko.util.ByteString, ?> body) {
        HttpResponse response = HttpResponse.create()
                .withEntity(HttpEntities.createChunked(recordio ? RECORDIO : messages.contentType(), body));
        return recordio ? response.addHeader(RawHeader.create("Message-Content-Type", messages.mediaType())) : response;
    }
}
