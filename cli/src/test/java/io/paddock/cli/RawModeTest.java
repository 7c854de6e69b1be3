package io.paddock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RawModeTest {
    private static final Path SCRIPT = Path.of("/usr/bin/script");

    /** A process on a terminal whose end has come before it is done with the terminal. */
    static final class Ending {
        public static void main(String[] words) {
            RawMode raw = RawMode.enter();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                raw.close();
                RawMode.enter().close();
                System.out.println("closed");
            }));
            System.exit(0);
        }
    }

    @Test
    void aProcessThatIsEndingLeavesItsTerminalQuietlyAndAsItWas() throws IOException, InterruptedException {
        assumeTrue(Files.exists(SCRIPT), "makes the terminal");
        String java = System.getProperty("java.home") + "/bin/java -XX:TieredStopAtLevel=1 -cp '"
                + System.getProperty("java.class.path") + "' '" + Ending.class.getName() + "'";
        Process process = new ProcessBuilder(SCRIPT.toString(), "-qec", "stty -g; " + java + "; stty -g", "/dev/null")
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .start();
        String[] shown = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\\R");
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(shown).hasSize(3);
        assertThat(shown[1].strip()).isEqualTo("closed");
        assertThat(shown[2]).isEqualTo(shown[0]);
    }
}
