package io.paddock.marathon.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.platform.flags.Flags;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The command's flags, in our spelling and in Marathon's. */
class FlagsTest {
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        CommandLine line = Flags.commandLine(new MarathonCommand(), Map.of());
        line.setErr(new PrintWriter(err));
        return line.execute(args);
    }

    @ParameterizedTest
    @CsvSource({
        "--http_port, many",
        "--http-port, many",
        "--no-such-flag, 1",
        "--zk, localhost:2181",
        "--master, nonsense",
        "--internal_store_backend, disk",
        "--local_port_max, 1",
        "--mesos_authentication_principal, me",
        "--tls-key, /no/such/file",
    })
    void aBadFlagIsNamedAndEndsWithTwo(String flag, String value) {
        assertThat(run(flag, value)).as(err.toString()).isEqualTo(2);
        String name = flag.equals("--zk") || flag.equals("--master") ? value : flag.replace('_', '-');
        assertThat(err.toString().replace('_', '-')).contains(name.replaceFirst("^--", ""));
    }

    @Test
    void environmentVariablesAreRead() {
        MarathonCommand command = new MarathonCommand();
        Flags.commandLine(command, Map.of("PADDOCK_MARATHON_HTTP_PORT", "8123", "PADDOCK_MESOS_ROLE", "web"))
                .parseArgs();
        assertThat(command.options.httpPort).isEqualTo(8123);
        assertThat(command.options.mesosRole).isEqualTo("web");
    }

    @Test
    void aPortThatIsTakenIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            int code = run(
                    "--internal-store-backend", "mem", "--master", "127.0.0.1:1", "--port", "" + taken.getLocalPort());
            assertThat(code).isEqualTo(1);
            assertThat(err.toString()).contains("127.0.0.1:" + taken.getLocalPort());
        }
    }
}
