package io.paddock.proto.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The buffer's own text against that of others. */
class JsonBufferTest {
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    private static String written(java.util.function.Consumer<JsonBuffer> write) {
        JsonBuffer buffer = new JsonBuffer(1);
        write.accept(buffer);
        assertThat(new String(buffer.toByteArray(), StandardCharsets.UTF_8)).isEqualTo(buffer.toString());
        return buffer.toString();
    }

    private static String quoted(String text) throws IOException {
        StringWriter out = new StringWriter();
        try (JsonGenerator generator = new JsonFactory().createGenerator(out)) {
            generator.writeString(text);
        }
        return out.toString();
    }

    @Test
    void everyCharacterAtEveryPlaceOfShortAndLongTexts() throws IOException {
        for (int length = 0; length < 20; length++) {
            for (int at = 0; at < length; at++) {
                for (char c = 0; c < 0x180; c++) {
                    String text = "a".repeat(at) + c + "z".repeat(length - at - 1);
                    byte[] utf8 = ("xx" + text + "\"").getBytes(StandardCharsets.UTF_8);
                    String json = written(buffer -> buffer.text(utf8, 2, utf8.length - 3));
                    assertThat(json).isEqualTo(quoted(text));
                    boolean plain = json.length() == length + 2 && c < 0x80;
                    assertThat(PlainText.is(utf8, 2, utf8.length - 1)).isEqualTo(plain);
                    assertThat(PlainText.end(utf8, 2, utf8.length)).isEqualTo(plain ? utf8.length - 1 : 2 + at);
                }
            }
        }
    }

    @Test
    void wholeNumbers() {
        for (long value :
                List.of(0L, 7L, 10L, 99L, 100L, -1L, Long.MAX_VALUE, Long.MIN_VALUE, 1_000_000_000_000_000_000L)) {
            assertThat(written(buffer -> buffer.number(value))).isEqualTo(Long.toString(value));
            assertThat(written(buffer -> buffer.unsigned(value))).isEqualTo(Long.toUnsignedString(value));
        }
        for (int i = 0; i < 20_000; i++) {
            long value = random.nextLong() >> random.nextInt(Long.SIZE);
            assertThat(written(buffer -> buffer.number(value)))
                    .as("seed %d", seed)
                    .isEqualTo(Long.toString(value));
        }
    }

    @Test
    void realNumbersAreThoseOfTheSlowWay() {
        for (int i = 0; i < 50_000; i++) {
            double value =
                    switch (i % 4) {
                        case 0 -> random.nextInt() / 1000.0;
                        case 1 -> random.nextLong(2_000_000_000_000L) / 1000.0;
                        case 2 -> random.nextLong() >> random.nextInt(Long.SIZE);
                        default -> Double.longBitsToDouble(random.nextLong());
                    };
            if (Double.isFinite(value)) {
                assertThat(written(buffer -> buffer.real(value)))
                        .as("seed %d", seed)
                        .isEqualTo(DoubleText.of(value));
            }
        }
        assertThat(written(buffer -> buffer.real(-0.0))).isEqualTo("-0.0");
        assertThat(written(buffer -> buffer.real(Double.NaN))).isEqualTo("\"NaN\"");
        assertThat(written(buffer -> buffer.real(Double.NEGATIVE_INFINITY))).isEqualTo("\"-Infinity\"");
    }

    @Test
    void base64OfEveryLength() {
        byte[] bytes = new byte[50];
        random.nextBytes(bytes);
        for (int length = 0; length < 48; length++) {
            int n = length;
            byte[] part = java.util.Arrays.copyOfRange(bytes, 1, 1 + n);
            assertThat(written(buffer -> buffer.base64(bytes, 1, n)))
                    .isEqualTo('"' + Base64.getEncoder().encodeToString(part) + '"');
        }
    }

    @Test
    void realNumbersReadAreTheNearestDoubles() {
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(Long.toString(random.nextLong(1L << random.nextInt(1, 63))));
            if (random.nextBoolean()) {
                text.append('.').append(random.nextInt(1 << random.nextInt(31)));
            }
            if (random.nextInt(5) == 0) {
                text.append("e").append(random.nextInt(-30, 30));
            }
            String sign = random.nextInt(4) == 0 ? "-" : "";
            assertThat(JsonCodec.fromJson(
                                    "{\"value\":" + sign + text + "}",
                                    io.paddock.proto.v1.Value.Scalar.getDefaultInstance())
                            .getValue())
                    .as("seed %d: %s%s", seed, sign, text)
                    .isEqualTo(Double.parseDouble(sign + text));
        }
    }
}
