package io.paddock.platform.files;

import io.paddock.common.Rejection;
import io.paddock.platform.http.Responses;
import io.paddock.platform.json.Json;
import io.paddock.platform.linux.PathBelow;
import io.paddock.proto.v1.FileInfo;
import io.paddock.proto.v1.TimeInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.ContentDisposition;
import org.apache.pekko.http.javadsl.model.headers.ContentDispositionTypes;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.stream.javadsl.StreamConverters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /files/browse}, {@code read}, {@code download} and {@code debug}. Which files there are is the {@link Locator}'s
 * business; nothing else on the machine can be read. Outputs that were rotated and compressed ({@code stdout.1.gz}) are read as
 * what was written, also by the name without {@code .gz}; only a download gives the file as it is.
 */
public final class FileReads {
    private static final Logger LOG = LoggerFactory.getLogger(FileReads.class);
    private static final int MAX_READ_BYTES = 16 * 4096;
    private static final String COMPRESSED = ".gz";
    private static final Pattern ROTATED = Pattern.compile("(stdout|stderr)\\.\\d+");

    private final Locator locator;

    /** Which files may be read. */
    public interface Locator {
        /**
         * The file that a path of a request names, links followed.
         *
         * @return empty when there is none or it may not be read
         * @throws IOException also when there is none
         */
        Optional<Path> locate(String asked) throws IOException;

        /** Names of what is there and where it is. */
        Map<String, String> attached();
    }

    public FileReads(Locator locator) {
        this.locator = locator;
    }

    /** A file or directory that may be shown. */
    public record Allowed(Path real, String asked) {}

    /** A part of a file; {@code size} is that of the whole file. */
    public record Part(long offset, byte[] data, long size) {}

    /** A refused read as an exception, to leave nested calls by. */
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Rejection rejection;

        public Refused(Rejection rejection) {
            super(rejection.message());
            this.rejection = rejection;
        }

        public Rejection rejection() {
            return rejection;
        }
    }

    /** Below {@code /files}. */
    public Route route(Executor blocking) {
        return Directives.get(() -> Directives.parameterOptional(
                "jsonp",
                callback -> Directives.parameterOptional(
                        "path",
                        path -> Directives.concat(
                                Directives.path("browse", () -> answer(blocking, () -> browse(path, callback))),
                                Directives.path(
                                        "read",
                                        () -> Directives.parameterMap(
                                                query -> answer(blocking, () -> read(path, query, callback)))),
                                Directives.path("download", () -> answer(blocking, () -> download(path))),
                                Directives.path(
                                        "debug",
                                        () -> answer(
                                                blocking,
                                                () -> Responses.jsonp(callback, Json.bytes(locator.attached()))))))));
    }

    private static Route answer(Executor blocking, Supplier<HttpResponse> work) {
        return Directives.completeWithFuture(CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return work.get();
                    } catch (Refused e) {
                        return Responses.rejected(e.rejection);
                    } catch (UncheckedIOException e) {
                        LOG.warn("{}", e.getMessage());
                        return Responses.text(StatusCodes.INTERNAL_SERVER_ERROR, e.getMessage());
                    }
                },
                blocking));
    }

    /**
     * The file a path leads to.
     *
     * @throws Refused when there is none or it may not be shown
     */
    public Allowed resolve(Optional<String> path) {
        String asked = path.orElseThrow(() -> new Refused(Rejection.invalid("path: expected 'path=value' in query")));
        try {
            return new Allowed(located(asked).orElseThrow(() -> notFound(asked)), asked);
        } catch (InvalidPathException e) {
            throw notFound(asked);
        } catch (IOException e) {
            throw failed(asked, e);
        }
    }

    /** Links were followed when it was located; one that a task has put in its way since then is not. */
    private static PathBelow open(Path real) throws IOException {
        return PathBelow.find(Path.of("/"), Path.of("/").relativize(real));
    }

    /** A rotated output is found by the name it had before it was compressed, too. */
    private Optional<Path> located(String asked) throws IOException {
        String name = asked.substring(asked.lastIndexOf('/') + 1);
        if (!ROTATED.matcher(name).matches()) {
            return locator.locate(asked);
        }
        Optional<Path> plain;
        try {
            plain = locator.locate(asked);
        } catch (FileSystemException e) {
            if (!PathBelow.isAbsent(e)) {
                throw e;
            }
            plain = Optional.empty();
        }
        return plain.isPresent() ? plain : locator.locate(asked + COMPRESSED);
    }

    private static RuntimeException failed(String asked, IOException failure) {
        return failure instanceof FileSystemException reason && PathBelow.isAbsent(reason)
                ? notFound(asked)
                : new UncheckedIOException(
                        "path: '" + asked + "' cannot be read: " + PathBelow.message(failure), failure);
    }

    private static Refused notFound(String asked) {
        return new Refused(Rejection.notFound("path: there is no file '" + asked + "'"));
    }

    /** What is in a directory. */
    public List<FileInfo> list(Allowed directory) {
        List<FileInfo> infos = new ArrayList<>();
        try (PathBelow opened = open(directory.real());
                Stream<Path> entries = Files.list(opened.file())) {
            for (Path entry : (Iterable<Path>) entries.sorted()::iterator) {
                info(directory, entry).ifPresent(infos::add);
            }
        } catch (NotDirectoryException e) {
            throw new Refused(Rejection.notFound("path: '" + directory.asked() + "' is not a directory"));
        } catch (IOException e) {
            throw failed(directory.asked(), e);
        }
        return infos;
    }

    /** Empty for an entry that vanished meanwhile. */
    private static Optional<FileInfo> info(Allowed directory, Path entry) {
        try {
            PosixFileAttributes a = Files.readAttributes(entry, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            Object links = Files.getAttribute(entry, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
            Object mode = Files.getAttribute(entry, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            String name = entry.getFileName().toString();
            return Optional.of(FileInfo.newBuilder()
                    .setPath(directory.asked().replaceFirst("/+$", "") + "/" + name)
                    .setNlink((Integer) links)
                    .setSize(a.size())
                    .setMtime(TimeInfo.newBuilder()
                            .setNanoseconds(a.lastModifiedTime().toMillis() * 1_000_000))
                    .setMode((Integer) mode)
                    .setUid(a.owner().getName())
                    .setGid(a.group().getName())
                    .build());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private HttpResponse browse(Optional<String> path, Optional<String> callback) {
        List<Map<String, Object>> entries = new ArrayList<>();
        for (FileInfo info : list(resolve(path))) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("gid", info.getGid());
            entry.put("mode", modeText(info.getMode()));
            entry.put("mtime", info.getMtime().getNanoseconds() / 1e9);
            entry.put("nlink", info.getNlink());
            entry.put("path", info.getPath());
            entry.put("size", info.getSize());
            entry.put("uid", info.getUid());
            entries.add(entry);
        }
        return Responses.jsonp(callback, Json.bytes(entries));
    }

    /** {@code -rw-r--r--}. */
    private static String modeText(int mode) {
        char type =
                switch (mode & 0xf000) {
                    case 0x4000 -> 'd';
                    case 0xa000 -> 'l';
                    case 0x1000 -> 'p';
                    case 0xc000 -> 's';
                    case 0x6000 -> 'b';
                    case 0x2000 -> 'c';
                    default -> '-';
                };
        StringBuilder text = new StringBuilder().append(type);
        String bits = "rwxrwxrwx";
        for (int i = 0; i < bits.length(); i++) {
            text.append((mode & (0400 >> i)) != 0 ? bits.charAt(i) : '-');
        }
        return text.toString();
    }

    private HttpResponse read(Optional<String> path, Map<String, String> query, Optional<String> callback) {
        long offset = number(query, "offset", -1);
        long length = number(query, "length", -1);
        Part part = read(resolve(path), offset, length);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("data", new String(part.data(), StandardCharsets.UTF_8));
        answer.put("offset", part.offset());
        return Responses.jsonp(callback, Json.bytes(answer));
    }

    private static long number(Map<String, String> query, String name, long otherwise) {
        String text = query.get(name);
        if (text == null || text.isEmpty()) {
            return otherwise;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new Refused(Rejection.invalid(name + ": '" + text + "' is not a number"));
        }
    }

    /**
     * A part of a file, at most 64 KiB; of a compressed output a part of what was written.
     *
     * @param offset −1 for none of the data, only the size (as the part's offset)
     * @param length −1 for as much as fits
     */
    public Part read(Allowed file, long offset, long length) {
        if (!Files.isRegularFile(file.real())) {
            throw new Refused(Rejection.invalid("path: '" + file.asked() + "' is not a file"));
        }
        if (offset < -1) {
            throw new Refused(Rejection.invalid("offset: must be at least -1, is " + offset));
        }
        try (PathBelow opened = open(file.real());
                FileChannel channel = opened.read()) {
            if (isCompressedOutput(file.real())) {
                return compressed(channel, offset, length);
            }
            long size = channel.size();
            if (offset == -1) {
                return new Part(size, new byte[0], size);
            }
            long most = length < 0 ? MAX_READ_BYTES : Math.min(length, MAX_READ_BYTES);
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.max(0, Math.min(most, size - offset)));
            while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) > 0) {
                // until the part is whole or the file turns out shorter
            }
            byte[] data = new byte[buffer.position()];
            buffer.flip().get(data);
            return new Part(offset, data, size);
        } catch (IOException e) {
            throw failed(file.asked(), e);
        }
    }

    private static boolean isCompressedOutput(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(COMPRESSED)
                && ROTATED.matcher(name.substring(0, name.length() - COMPRESSED.length()))
                        .matches();
    }

    private static Part compressed(FileChannel channel, long offset, long length) throws IOException {
        long size = SeekableGzip.size(channel);
        if (offset == -1) {
            return new Part(size, new byte[0], size);
        }
        int most = (int) (length < 0 ? MAX_READ_BYTES : Math.min(length, MAX_READ_BYTES));
        return new Part(offset, SeekableGzip.read(channel, offset, most), size);
    }

    private HttpResponse download(Optional<String> path) {
        Allowed file = resolve(path);
        if (!Files.isRegularFile(file.real())) {
            throw new Refused(Rejection.invalid("path: '" + file.asked() + "' is not a file"));
        }
        return HttpResponse.create()
                .addHeader(ContentDisposition.create(
                        ContentDispositionTypes.ATTACHMENT,
                        Map.of("filename", file.real().getFileName().toString())))
                .withEntity(HttpEntities.createChunked(
                        ContentTypes.APPLICATION_OCTET_STREAM,
                        StreamConverters.fromInputStream(() -> stream(file.real()))));
    }

    private static InputStream stream(Path real) throws IOException {
        try (PathBelow opened = open(real)) {
            return Channels.newInputStream(opened.read());
        }
    }
}
