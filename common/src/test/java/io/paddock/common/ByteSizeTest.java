package io.paddock.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "2GB, 2147483648, 2GB", "2097152KB, 2147483648, 2GB", "1500, 1500, 1500B", "64 mb, 67108864, 64MB",
        "3B, 3, 3B", "1T, 1099511627776, 1TB", "0, 0, 0B", "1536MB, 1610612736, 1536MB"
    })
    void readsAndWritesSizes(String text, long bytes, String written) {
        assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
        assertThat(ByteSize.parse(text)).hasToString(written);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GB", "1.5GB", "-1", "2GiB", "9999999999TB"})
    void refusesWhatIsNone(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text)).hasMessageContaining("'" + text + "' is not a size");
    }

    @Test
    void megabytesAreOfBytes() {
        assertThat(ByteSize.ofMegabytes(64)).hasToString("64MB");
    }
}
