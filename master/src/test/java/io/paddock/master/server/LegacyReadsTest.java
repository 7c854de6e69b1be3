package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The read endpoints of before the operator API: methods, callbacks, files and what is refused. Their fields: EndpointFieldsTest. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LegacyReadsTest {
    private static final int PAGES = 1 << 16;

    @RegisterExtension
    static final MasterFixture MASTERS = new MasterFixture();

    private MasterServer master;

    @BeforeAll
    void start(@TempDir Path dir) throws Exception {
        Path log = dir.resolve("master.out");
        Files.write(log, new byte[] {'a', (byte) 0xff, 'b', '\n'});
        Files.writeString(log, "x".repeat(2 * PAGES), StandardCharsets.UTF_8, java.nio.file.StandardOpenOption.APPEND);
        master = MASTERS.start(flags -> flags.logging.externalLogFile = log);
    }

    @AfterAll
    void stop() {
        master.close();
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        return MASTERS.client()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + path))
                                .method(method, HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/version",
                "/flags",
                "/state",
                "/state-summary",
                "/slaves",
                "/frameworks",
                "/tasks",
                "/roles",
                "/weights",
                "/quota",
                "/maintenance/schedule",
                "/maintenance/status",
                "/metrics/snapshot",
                "/system/stats.json",
                "/registrar(1)/registry",
                "/files/debug"
            })
    void eachTakesGetAndHeadAndACallbackAndNoOtherMethod(String path) throws Exception {
        HttpResponse<String> head = send("HEAD", path);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(head.body()).isEmpty();
        HttpResponse<String> callback = send("GET", path + "?jsonp=cb");
        assertThat(callback.headers().firstValue("Content-Type")).contains("text/javascript");
        assertThat(callback.body()).startsWith("cb(").endsWith(");");
        assertThat(send("PATCH", path).statusCode()).isEqualTo(405);
    }

    @ParameterizedTest
    @CsvSource({
        "HEAD, /health, 200",
        "PUT, /health, 405",
        "GET, /redirect, 307",
        "GET, /redirect/anything, 404",
        "GET, /master/redirect/anything, 404",
        "GET, /teardown, 405",
        "GET, /machine/down, 405",
        "GET, /machine/up, 405",
        "POST, /weights, 405",
        "POST, /maintenance/status, 405",
        "DELETE, /quota, 405",
        "GET, /tasks?limit=-2, 400",
        "GET, /tasks?offset=-1, 400",
        "GET, /tasks?order=up, 400",
        "GET, /files/browse, 400",
        "GET, /files/browse?path=/nowhere, 404",
        "GET, /files/read?path=/nowhere&offset=0, 404",
        "GET, /files/read?path=/master/log&offset=x, 400",
        "GET, /files/read?path=/master/log&offset=0&length=x, 400",
        "GET, /files/download, 400",
        "GET, /files/download?path=/nowhere, 404",
        "GET, /files/download?path=/etc/passwd, 404",
        "GET, /master/metrics/snapshot, 404",
    })
    void whatDoesNotFitIsRefused(String method, String path, int status) throws Exception {
        assertThat(send(method, path).statusCode()).isEqualTo(status);
    }

    @Test
    void aFileIsReadInPagesWithWhatIsNoTextEscaped() throws Exception {
        String log = "/files/read?path=/master/log&offset=";
        assertThat(send("GET", log + "-1").body()).isEqualTo("{\"data\":\"\",\"offset\":" + (4 + 2 * PAGES) + "}");
        assertThat(send("GET", log + "0&length=3").body())
                .startsWith("{\"data\":\"a")
                .endsWith("b\",\"offset\":0}");
        String page = send("GET", log + "4&length=-1").body();
        assertThat(page).isEqualTo("{\"data\":\"" + "x".repeat(PAGES) + "\",\"offset\":4}");
        assertThat(send("GET", log + "999999999").body()).isEqualTo("{\"data\":\"\",\"offset\":999999999}");
        HttpResponse<String> download = send("GET", "/files/download?path=/master/log");
        assertThat(download.headers().firstValue("Content-Disposition"))
                .hasValueSatisfying(
                        value -> assertThat(value).startsWith("attachment").contains("master.out"));
    }
}
