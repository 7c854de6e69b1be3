package io.paddock.batch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.client.ConnectionOptions;
import io.paddock.common.testing.SelfSigned;
import io.paddock.platform.flags.Flags;
import io.paddock.platform.security.WatchedFiles;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class BatchFlagsTest {
    private final StringWriter err = new StringWriter();
    private final StringWriter out = new StringWriter();

    private int run(Map<String, String> environment, String... args) {
        CommandLine line = Flags.commandLine(new BatchCommand(), environment);
        line.setErr(new PrintWriter(err, true));
        line.setOut(new PrintWriter(out, true));
        return line.execute(args);
    }

    @ParameterizedTest
    @CsvSource({
        "--nonsense, --nonsense",
        "--port=many, --port",
        "--zk=127.0.0.1:2181, ZooKeeper address",
        "--history-count=-1, --history-count",
        "--failover-timeout=soon, --failover-timeout",
        "--principal=p, --secret-file"
    })
    void aBadFlagIsNamed(String flag, String named) {
        assertThat(run(Map.of(), flag)).isEqualTo(2);
        assertThat(err.toString()).contains(named);
    }

    @Test
    void flagsComeFromTheEnvironmentToo() {
        assertThat(run(Map.of("PADDOCK_BATCH_HISTORY_COUNT", "-5"))).isEqualTo(2);
        assertThat(err.toString()).contains("--history-count: expected 0 or more but got -5");
    }

    /** A certificate is shown where the master asks for one; that alone does not say that the master speaks https. */
    @Test
    void aCertificateIsShownWithoutAnAuthority(@TempDir Path dir) throws Exception {
        SelfSigned own = SelfSigned.make(dir, "own", "EC");
        BatchOptions options = new BatchOptions();
        options.listen.security.tls.key = own.key();
        options.listen.security.tls.certificate = own.certificate();
        assertThat(connection(options).tls()).isNotNull();
        assertThat(connection(options).httpsOnly()).isFalse();
        options.listen.security.tls.ca = own.certificate();
        assertThat(connection(options).tls()).isNotNull();
        assertThat(connection(options).httpsOnly()).isTrue();
    }

    private static ConnectionOptions connection(BatchOptions options) {
        return options.driver("", "http://localhost", new WatchedFiles()).connection();
    }

    @Test
    void helpTellsEveryFlag() {
        assertThat(run(Map.of(), "--help")).isZero();
        assertThat(out.toString())
                .contains("--master", "--zookeeper", "--port", "--failover-timeout", "PADDOCK_BATCH_MASTER");
    }
}
