package io.paddock.platform.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.paddock.common.ByteSize;
import io.paddock.common.DurationText;
import io.paddock.platform.tls.TlsChoice;
import io.paddock.platform.tls.TlsFiles;
import io.paddock.platform.zookeeper.ZooKeeperCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

class FlagsTest {
    @TempDir
    Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Command(name = "sample", description = "A sample.")
    static final class Sample implements Callable<Integer> {
        @Mixin
        ListenFlags listen = new ListenFlags(5050);

        @Option(
                names = {"--offer-timeout", "--offer_timeout"},
                description = "How long an offer stands.")
        Duration offerTimeout = Duration.ofMinutes(2);

        String seen = "";

        @Override
        public Integer call() {
            seen = listen.httpOptions().host() + ":" + listen.port + " " + offerTimeout.toSeconds();
            return 0;
        }
    }

    @Test
    void theCommandLineWinsOverTheEnvironmentOverTheFileOverTheDefault() throws IOException {
        Path file = Files.writeString(dir.resolve("p.properties"), "port=7001\nhost=127.0.0.9\noffer_timeout=3mins\n");
        Map<String, String> environment =
                Map.of("PADDOCK_SAMPLE_PORT", "7002", "PADDOCK_PORT", "7003", "PADDOCK_HOST", "127.0.0.8");
        assertThat(seen(Map.of())).isEqualTo("127.0.0.1:5050 120");
        assertThat(seen(Map.of(), "--config", file.toString())).isEqualTo("127.0.0.9:7001 180");
        assertThat(seen(Map.of("PADDOCK_CONFIG", file.toString()))).isEqualTo("127.0.0.9:7001 180");
        assertThat(seen(environment, "--config=" + file)).isEqualTo("127.0.0.8:7002 180");
        assertThat(seen(environment, "--config", file.toString(), "--port", "7004", "--offer_timeout=5secs"))
                .isEqualTo("127.0.0.8:7004 5");
        assertThat(seen(environment, "--port", "7004", "--config", file.toString()))
                .isEqualTo("127.0.0.8:7004 180");
    }

    @Test
    void aBadFlagEndsWithTwoAndNamesIt() throws IOException {
        Path file = Files.writeString(dir.resolve("bad.properties"), "prot=1\n");
        assertThat(exit(Map.of(), "--port", "many")).isEqualTo("2: --port");
        assertThat(exit(Map.of(), "--offer-timeout", "soon")).isEqualTo("2: --offer-timeout");
        assertThat(exit(Map.of("PADDOCK_PORT", "many"))).isEqualTo("2: --port");
        assertThat(exit(Map.of(), "--prot", "1")).isEqualTo("2: --prot");
        assertThat(exit(Map.of(), "--config", file.toString())).isEqualTo("2: prot");
        assertThat(exit(Map.of(), "--config", dir.resolve("none").toString())).isEqualTo("2: --config");
        assertThat(exit(Map.of(), "--tls-key", "k.pem")).isEqualTo("2: --tls-key");
        assertThat(exit(Map.of(), "--credentials", dir.resolve("none").toString()))
                .isEqualTo("2: none");
    }

    @Command(name = "agent", description = "As Mesos starts one.")
    static final class LikeMesos implements Callable<Integer> {
        @Mixin
        ListenFlags listen = new ListenFlags(5051);

        @Option(names = {"--recovery-timeout", "--recovery_timeout"})
        Duration recovery = Duration.ofMinutes(15);

        @Option(names = {"--fetcher-cache-size", "--fetcher_cache_size"})
        ByteSize cache = ByteSize.parse("2GB");

        @Option(names = "--strict", negatable = true, arity = "0..1", fallbackValue = "true")
        boolean strict;

        @Override
        public Integer call() {
            return 0;
        }
    }

    static Stream<Arguments> environments() {
        return Stream.of(
                // ours wins, and what no flag has is ignored
                arguments(
                        Map.of("MESOS_PORT", "7001", "PADDOCK_PORT", "7002", "MESOS_NO_SUCH_FLAG", "x"),
                        "127.0.0.1:7002 15mins 2GB false"),
                arguments(
                        Map.of("MESOS_IP", "127.0.0.7", "MESOS_FETCHER_CACHE_SIZE", "512MB", "MESOS_STRICT", "1"),
                        "127.0.0.7:5051 15mins 512MB true"),
                arguments(Map.of("MESOS_RECOVERY_TIMEOUT", "1mins"), "127.0.0.1:5051 1mins 2GB false"),
                // an agent started by a task is not told what the task was
                arguments(
                        Map.of("MESOS_RECOVERY_TIMEOUT", "1mins", "MESOS_EXECUTOR_ID", "e"),
                        "127.0.0.1:5051 15mins 2GB false"));
    }

    @ParameterizedTest
    @MethodSource("environments")
    void masterAndAgentReadTheEnvironmentOfMesos(Map<String, String> environment, String expected) {
        LikeMesos agent = new LikeMesos();
        assertThat(Flags.commandLine(agent, environment).execute()).isZero();
        assertThat(agent.listen.host + ":" + agent.listen.port + " " + DurationText.format(agent.recovery) + " "
                        + agent.cache + " " + agent.strict)
                .isEqualTo(expected);
    }

    @Test
    void otherCommandsDoNotReadTheEnvironmentOfMesos() throws IOException {
        assertThat(seen(Map.of("MESOS_PORT", "7001"))).isEqualTo("127.0.0.1:5050 120");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "echo 127.0.0.5, 127.0.0.5:5050 120",
                "echo 127.0.0.5; exit 3, ended with 3",
                "true, printed no address",
                "echo nowhere at all, nowhere at all"
            })
    void aProgramMayNameTheAddressToListenOn(String program, String expected) {
        Sample sample = new Sample();
        CommandLine line = Flags.commandLine(sample, Map.of());
        line.setErr(new PrintWriter(err));
        int code = line.execute("--ip_discovery_command=" + program);
        assertThat(code == 0 ? sample.seen : err.toString()).contains(expected);
    }

    @Test
    void levelsHaveTheWordsOfMesosToo() throws IOException {
        assertThat(seen(Map.of(), "--logging_level=INFO")).isEqualTo("127.0.0.1:5050 120");
        assertThat(exit(Map.of(), "--logging_level=LOUD")).startsWith("2: ").contains("--logging-level");
    }

    @Test
    void helpShowsDefaultsAndEnvironmentNames() {
        CommandLine line = Flags.commandLine(new Sample(), Map.of());
        line.setOut(new PrintWriter(out));
        assertThat(line.execute("--help")).isZero();
        assertThat(out.toString().replaceAll("\\s+", " "))
                .contains("Default: 5050. Environment: PADDOCK_SAMPLE_PORT")
                .contains("Default: 2mins. Environment: PADDOCK_SAMPLE_OFFER_TIMEOUT")
                .contains("Default: INFO. Environment: PADDOCK_SAMPLE_LOG_LEVEL");
    }

    @Test
    void zookeeperRefusesAMemberThatIsNotListed() {
        CommandLine line = Flags.commandLine(new ZooKeeperCommand(), Map.of());
        line.setErr(new PrintWriter(err));
        assertThat(line.execute("--servers", "a:1:2,b:1:2", "--server-id", "3", "--work-dir", dir.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--server-id: expected 1 to 2 but got 3");
    }

    @Test
    void zookeeperWithTlsMustKnowWhoseCertificatesMakeAMember() {
        CommandLine line = Flags.commandLine(new ZooKeeperCommand(), Map.of());
        line.setErr(new PrintWriter(err));
        assertThat(line.execute(
                        "--servers=a:1:2", "--tls-key=k", "--tls-certificate=c", "--work-dir=" + dir.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--servers with --tls-key needs --tls-ca");
    }

    @Test
    void tlsIsTakenFromTheEnvironmentOfMesos() {
        Map<String, String> environment = Map.of(
                "LIBPROCESS_SSL_ENABLED", "true",
                "LIBPROCESS_SSL_KEY_FILE", "k.pem",
                "LIBPROCESS_SSL_CERT_FILE", "c.pem",
                "LIBPROCESS_SSL_CA_DIR", "/cas",
                "LIBPROCESS_SSL_REQUIRE_CLIENT_CERT", "1",
                "LIBPROCESS_SSL_ENABLE_TLS_V1_3", "0",
                "LIBPROCESS_SSL_CIPHERS",
                        "ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-SHA:ECDHE-ECDSA-CHACHA20-POLY1305");
        assertThat(new TlsFlags().files(environment))
                .contains(new TlsFiles(
                        Path.of("k.pem"),
                        Path.of("c.pem"),
                        Optional.of(Path.of("/cas")),
                        new TlsChoice(
                                List.of("TLSv1.2"),
                                List.of(
                                        "TLS_AES_256_GCM_SHA384",
                                        "TLS_AES_128_GCM_SHA256",
                                        "TLS_CHACHA20_POLY1305_SHA256",
                                        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                                        "TLS_DHE_RSA_WITH_AES_256_CBC_SHA",
                                        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"))));
        assertThatThrownBy(() -> LibprocessTls.of(
                        Map.of("LIBPROCESS_SSL_ENABLED", "1", "LIBPROCESS_SSL_CIPHERS", "HIGH:!aNULL")))
                .hasMessageStartingWith("LIBPROCESS_SSL_CIPHERS: 'HIGH'");
    }

    private String seen(Map<String, String> environment, String... args) {
        Sample sample = new Sample();
        CommandLine line = Flags.commandLine(sample, environment);
        line.setErr(new PrintWriter(err));
        assertThat(line.execute(args)).as(err.toString()).isZero();
        return sample.seen;
    }

    /** The exit code, and the flag where the message names it. */
    private String exit(Map<String, String> environment, String... args) {
        StringWriter message = new StringWriter();
        CommandLine line = Flags.commandLine(new Sample(), environment);
        line.setErr(new PrintWriter(message));
        int code = line.execute(args);
        String expected = args.length == 0
                ? "--port"
                : args[0].equals("--config") && !args[1].endsWith("none")
                        ? "prot"
                        : args[0].equals("--credentials") ? "none" : args[0];
        return code + ": " + (message.toString().contains(expected) ? expected : message.toString());
    }
}
