package io.paddock.agent.server.containers.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Facts by name in one file, a line of JSON each: to add one costs neither another file nor the renaming of one. They are
 * written, not forced to the disk. A last line without its end was cut off and counts for nothing, as does a line that the
 * machine's end has torn. Any thread may add.
 */
final class Facts {
    private static final Logger LOG = LoggerFactory.getLogger(Facts.class);

    private final Path file;

    Facts(Path file) {
        this.file = file;
    }

    /** Adds a fact. */
    synchronized void add(String name, JsonNode fact) throws IOException {
        byte[] line = Json.bytes(Json.mapper().createObjectNode().set(name, fact));
        ByteBuffer buffer =
                ByteBuffer.allocate(line.length + 1).put(line).put((byte) '\n').flip();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            int whole = whole(Files.readAllBytes(file));
            channel.truncate(whole).position(whole);
            Durable.naming(file, () -> {
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            });
        }
    }

    /** Forces what was added to the disk. */
    void force() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            Durable.naming(file, () -> channel.force(true));
        }
    }

    /** Empty when it was never added, or there is no file. */
    Optional<JsonNode> read(String name) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        String text = new String(bytes, 0, whole(bytes), StandardCharsets.UTF_8);
        for (String line : text.lines().toList()) {
            JsonNode found = parsed(line).path(name);
            if (!found.isMissingNode()) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }

    private JsonNode parsed(String line) {
        try {
            return Json.mapper().readTree(line);
        } catch (JsonProcessingException e) {
            LOG.warn("{}: a line is torn and counts for nothing: {}", file, e.getOriginalMessage());
            return MissingNode.getInstance();
        }
    }

    /** How many bytes there are up to the end of the last line that has one. */
    private static int whole(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        return end;
    }
}
