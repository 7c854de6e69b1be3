package io.paddock.master.server.read;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourceJsonTest {
    /** A framework's or an executor's odd number must not make the whole document unreadable. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {"1.5, 1.5", "2, 2.0", "NaN, \"NaN\"", "Infinity, \"Infinity\"", "-Infinity, \"-Infinity\""})
    void everyNumberIsJson(double value, String json) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
            out.writeStartObject();
            ResourceJson.number(out, "n", value);
            out.writeEndObject();
        }
        assertThat(text).hasToString("{\"n\":" + json + "}");
    }
}
