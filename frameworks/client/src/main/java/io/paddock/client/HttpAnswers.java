package io.paddock.client;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the answers of HTTP/1.1 one after another from one connection (RFC 9112), their bodies whole. One thread. */
final class HttpAnswers {
    private static final int STATUS_AT = "HTTP/1.1 ".length();
    private static final int STATUS_END = STATUS_AT + 3;
    private static final int MAX_LINE = 64 << 10;
    private static final int MAX_HEADERS = 1000;
    private static final int MAX_BODY = 16 << 20;

    private final InputStream in;
    private final byte[] buffer = new byte[8 << 10];
    private int at;
    private int end;

    /**
     * One answer.
     *
     * @param headers the last of each name, names in lower case
     * @param last whether the server has said that it looks at nothing more on this connection
     */
    record HttpAnswer(int status, Map<String, String> headers, String body, boolean last) {
        @Nullable
        String header(String lowerCaseName) {
            return headers.get(lowerCaseName);
        }
    }

    HttpAnswers(InputStream in) {
        this.in = in;
    }

    /**
     * Waits for the next answer.
     *
     * @return null when the connection has ended between two answers
     * @throws ProtocolException when what comes is no HTTP
     * @throws IOException when the connection breaks, or ends within an answer
     */
    @Nullable
    HttpAnswer next() throws IOException {
        int first = read();
        if (first < 0) {
            return null;
        }
        HttpAnswer answer = read(line(first));
        while (answer.status() < 200) {
            answer = read(line(byteOrFail()));
        }
        return answer;
    }

    private HttpAnswer read(String statusLine) throws IOException {
        int status = status(statusLine);
        Map<String, String> headers = headers();
        String connection = headers.getOrDefault("connection", "").toLowerCase(Locale.ROOT);
        boolean close = connection.contains("close")
                || (statusLine.startsWith("HTTP/1.0") && !connection.contains("keep-alive"));
        if (status < 200 || status == 204 || status == 304) {
            return new HttpAnswer(status, headers, "", close);
        }
        String length = headers.get("content-length");
        if (headers.getOrDefault("transfer-encoding", "")
                .toLowerCase(Locale.ROOT)
                .contains("chunked")) {
            return new HttpAnswer(status, headers, chunks(), close);
        }
        if (length != null) {
            return new HttpAnswer(status, headers, text(exactly(number(length, 10))), close);
        }
        return new HttpAnswer(status, headers, text(rest()), close);
    }

    private static int status(String line) throws ProtocolException {
        if (line.startsWith("HTTP/1.") && line.length() >= STATUS_END && line.charAt(STATUS_AT - 1) == ' ') {
            String digits = line.substring(STATUS_AT, STATUS_END);
            if (digits.chars().allMatch(c -> c >= '0' && c <= '9') && digits.charAt(0) != '0') {
                return Integer.parseInt(digits);
            }
        }
        throw new ProtocolException("expected an answer of HTTP/1.1 but got '" + shortened(line) + "'");
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        for (int i = 0; i < MAX_HEADERS; i++) {
            String line = line(byteOrFail());
            if (line.isEmpty()) {
                return headers;
            }
            int colon = line.indexOf(':');
            if (colon <= 0) {
                throw new ProtocolException("expected a header but got '" + shortened(line) + "'");
            }
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        throw new ProtocolException("an answer has more than " + MAX_HEADERS + " headers");
    }

    private String chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int size = number(line(byteOrFail()).split(";", 2)[0].strip(), 16);
            if (size == 0) {
                headers(); // the trailer
                return text(body.toByteArray());
            }
            if (body.size() + size > MAX_BODY) {
                throw tooLong();
            }
            body.writeBytes(exactly(size));
            if (!line(byteOrFail()).isEmpty()) {
                throw new ProtocolException("a chunk is longer than its size says");
            }
        }
    }

    private static int number(String digits, int radix) throws ProtocolException {
        try {
            int value = Integer.parseUnsignedInt(digits, radix);
            if (value < 0 || value > MAX_BODY) {
                throw tooLong();
            }
            return value;
        } catch (NumberFormatException e) {
            throw new ProtocolException("expected a length but got '" + shortened(digits) + "'");
        }
    }

    private byte[] rest() throws IOException {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        for (int next = read(); next >= 0; next = read()) {
            if (rest.size() == MAX_BODY) {
                throw tooLong();
            }
            rest.write(next);
        }
        return rest.toByteArray();
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) byteOrFail();
        }
        return bytes;
    }

    /** Up to the end of the line, which is not part of it. */
    private String line(int first) throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int c = first; c != '\n'; c = byteOrFail()) {
            if (line.length() == MAX_LINE) {
                throw new ProtocolException("a line is longer than " + MAX_LINE + " bytes");
            }
            line.append((char) c);
        }
        int length = line.length();
        return length > 0 && line.charAt(length - 1) == '\r' ? line.substring(0, length - 1) : line.toString();
    }

    private int byteOrFail() throws IOException {
        int next = read();
        if (next < 0) {
            throw cutOff();
        }
        return next;
    }

    private int read() throws IOException {
        if (at == end) {
            at = 0;
            end = Math.max(0, in.read(buffer));
        }
        return at < end ? buffer[at++] & 0xff : -1;
    }

    private static String text(byte[] body) {
        return new String(body, StandardCharsets.UTF_8);
    }

    private static String shortened(String text) {
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }

    private static EOFException cutOff() {
        return new EOFException("the connection ended in the middle of an answer");
    }

    private static ProtocolException tooLong() {
        return new ProtocolException("the body of an answer is longer than " + MAX_BODY + " bytes");
    }
}
