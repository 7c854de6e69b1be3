package io.paddock.proto.recordio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordIOTest {
    @Test
    void framesWithADecimalLength() {
        assertThat(text(RecordIO.encode(bytes("{\"type\":\"HEARTBEAT\"}")))).isEqualTo("20\n{\"type\":\"HEARTBEAT\"}");
    }

    @Test
    void readsTheSameRecordsWhereverTheStreamIsCut() {
        List<String> records = List.of("hello", "", "0123456789ab", "", "12\n34", "ü");
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        records.forEach(record -> stream.writeBytes(RecordIO.encode(bytes(record))));
        byte[] all = stream.toByteArray();
        for (int one = 0; one <= all.length; one++) {
            for (int two = one; two <= all.length; two++) {
                RecordIO.Decoder decoder = new RecordIO.Decoder(100);
                List<String> read = new ArrayList<>();
                for (byte[] chunk : List.of(
                        Arrays.copyOfRange(all, 0, one),
                        Arrays.copyOfRange(all, one, two),
                        Arrays.copyOfRange(all, two, all.length))) {
                    decoder.decode(chunk).forEach(record -> read.add(text(record)));
                }
                assertThat(read).as("cut at %d and %d", one, two).isEqualTo(records);
                assertThat(decoder.isBetweenRecords()).isTrue();
            }
        }
    }

    @Test
    void knowsWhetherARecordIsUnderWay() {
        RecordIO.Decoder decoder = new RecordIO.Decoder(100);
        assertThat(decoder.decode(bytes("1"))).isEmpty();
        assertThat(decoder.isBetweenRecords()).isFalse();
        assertThat(decoder.decode(bytes("\n"))).isEmpty();
        assertThat(decoder.isBetweenRecords()).isFalse();
        assertThat(decoder.decode(bytes("x"))).hasSize(1);
        assertThat(decoder.isBetweenRecords()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\n", "-1\n", "1 \nx", "99999999999\n", "101\n"})
    void refusesWhatIsNotRecordIOOrTooLong(String stream) {
        RecordIO.Decoder decoder = new RecordIO.Decoder(100);
        assertThatThrownBy(() -> decoder.decode(bytes(stream))).isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
