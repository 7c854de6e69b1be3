package io.paddock.platform.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.paddock.platform.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.pekko.NotUsed;
import org.apache.pekko.dispatch.Dispatchers;
import org.apache.pekko.stream.ActorAttributes;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * A large JSON document written piece by piece as the connection takes it: no thread waits for a slow reader and the document
 * is never whole in memory.
 */
public final class StreamedJson {
    private static final int CHUNK_BYTES = 32 << 10;

    private StreamedJson() {}

    /** Writes the next piece; pieces together are one JSON value. */
    @FunctionalInterface
    public interface Piece {
        void write(JsonGenerator out) throws IOException;
    }

    /**
     * The document made of the pieces; the iterable is walked once for each reader, on the dispatcher for blocking work, so that
     * a large document does not hold up actors.
     */
    public static Source<ByteString, NotUsed> of(Iterable<Piece> pieces) {
        return Source.fromIterator(() -> new Chunks(pieces.iterator()))
                .withAttributes(ActorAttributes.dispatcher(Dispatchers.DefaultBlockingDispatcherId()))
                .async();
    }

    private static final class Chunks implements Iterator<ByteString> {
        private final Iterator<Piece> pieces;
        private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(2 * CHUNK_BYTES);
        private final JsonGenerator generator;
        private boolean finished;

        Chunks(Iterator<Piece> pieces) {
            this.pieces = pieces;
            try {
                this.generator = Json.mapper().getFactory().createGenerator(buffer);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public boolean hasNext() {
            return !finished;
        }

        @Override
        public ByteString next() {
            if (finished) {
                throw new NoSuchElementException();
            }
            try {
                buffer.reset();
                while (buffer.size() < CHUNK_BYTES && pieces.hasNext()) {
                    pieces.next().write(generator);
                }
                if (!pieces.hasNext()) {
                    generator.close();
                    finished = true;
                }
                return ByteString.fromArrayUnsafe(buffer.toByteArray());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
