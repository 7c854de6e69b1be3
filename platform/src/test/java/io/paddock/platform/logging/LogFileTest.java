package io.paddock.platform.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class LogFileTest {
    @TempDir
    Path directory;

    @Test
    void whatIsLoggedWhileItIsOpenIsInIt() throws IOException {
        Path path = directory.resolve("logs/paddock-test.log");
        try (LogFile file = LogFile.open(path)) {
            assertThat(file.path()).isEqualTo(path);
            LoggerFactory.getLogger("io.paddock.test").warn("in the file");
        }
        LoggerFactory.getLogger("io.paddock.test").warn("not in the file");
        assertThat(Files.readString(path)).contains("in the file").doesNotContain("not in the file");
    }

    @Test
    void aPlaceThatCannotBeWrittenIsSaidAtOnce() throws IOException {
        Path blocked = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> LogFile.open(blocked.resolve("x.log")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--log-dir");
    }
}
