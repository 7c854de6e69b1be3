package io.paddock.batch.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Statuses and bodies of every endpoint and every refusal. */
class MetronomeContractTest {
    private static final String RUN = "\"run\":{\"cmd\":\"true\",\"cpus\":0.1,\"mem\":32,\"disk\":0}";
    private static final String DAILY = "{\"id\":\"daily\",\"cron\":\"0 3 * * *\"}";
    private static BatchHarness harness;
    private static BatchServer server;

    @BeforeAll
    static void start(@TempDir Path directory) {
        harness = new BatchHarness(directory);
        server = harness.start();
        create("{\"id\":\"base\"," + RUN + "}");
        create("{\"id\":\"child\",\"dependencies\":[{\"id\":\"base\"}]," + RUN + "}");
        create("{\"id\":\"timed\",\"schedules\":[" + DAILY + "]," + RUN + "}");
    }

    @AfterAll
    static void stop() {
        harness.close();
    }

    private static void create(String body) {
        assertThat(harness.send(server, "POST", "/v1/jobs", body).statusCode()).isEqualTo(201);
    }

    private static Arguments refusal(String method, String path, String body, int status, String expected) {
        return Arguments.of(method, path, body, status, expected);
    }

    private static String job(String fields) {
        return "{\"id\":\"x\"," + fields + "}";
    }

    private static String run(String fields) {
        return job("\"run\":{\"cpus\":0.1,\"mem\":32,\"disk\":0," + fields + "}");
    }

    static Stream<Arguments> refusals() {
        String jobs = "/v1/jobs";
        return Stream.of(
                refusal("GET", "/nowhere", "", 404, "\"requestPath\":\"/nowhere\""),
                refusal("GET", "/v1/jobs/Bad_Id", "", 400, "is no job id"),
                refusal("GET", "/v1/jobs?embed=nonsense", "", 400, "Unknown embed &#39;nonsense&#39;"),
                refusal("POST", jobs, "{no json", 400, "Invalid Json"),
                refusal("POST", jobs, "[]", 422, "{\"path\":\"/\",\"errors\":[\"expected an object\"]}"),
                refusal(
                        "POST",
                        jobs,
                        job("\"nope\":1," + RUN),
                        422,
                        "{\"path\":\"/nope\",\"errors\":[\"is not a known"),
                refusal("POST", jobs, "{" + RUN + "}", 422, "{\"path\":\"/id\",\"errors\":[\"is required\"]}"),
                refusal("POST", jobs, "{\"id\":\"-x\"," + RUN + "}", 422, "is no job id"),
                refusal("POST", jobs, job("\"labels\":{}"), 422, "{\"path\":\"/run\",\"errors\":[\"is required\""),
                refusal("POST", jobs, run("\"foo\":1,\"cmd\":\"a\""), 422, "/run/foo"),
                refusal("POST", jobs, run("\"user\":\"u\""), 422, "needs something to run"),
                refusal(
                        "POST",
                        jobs,
                        run("\"cmd\":7"),
                        422,
                        "{\"path\":\"/run/cmd\",\"errors\":[\"expected a string\"]}"),
                refusal("POST", jobs, run("\"cmd\":\"a\"").replace("0.1", "0"), 422, "/run/cpus"),
                refusal("POST", jobs, run("\"cmd\":\"a\"").replace("32", "31"), 422, "must be at least 32 but is 31"),
                refusal("POST", jobs, run("\"cmd\":\"a\"").replace(",\"disk\":0", ""), 422, "/run/disk"),
                refusal("POST", jobs, run("\"docker\":{\"image\":\"a\"},\"gpus\":1"), 422, "/run/gpus"),
                refusal(
                        "POST",
                        jobs,
                        run("\"docker\":{\"image\":\"a\"},\"ucr\":{\"image\":{\"id\":\"a\"}}"),
                        422,
                        "not both"),
                refusal(
                        "POST",
                        jobs,
                        run("\"cmd\":\"a\",\"restart\":{\"policy\":\"MAYBE\"}"),
                        422,
                        "/run/restart/policy"),
                refusal(
                        "POST",
                        jobs,
                        run(
                                "\"cmd\":\"a\",\"placement\":{\"constraints\":[{\"attribute\":\"a\",\"operator\":\"MAX\"}]}"),
                        422,
                        "/run/placement/constraints(0)/operator"),
                refusal(
                        "POST",
                        jobs,
                        run("\"cmd\":\"a\",\"volumes\":[{\"containerPath\":\"/a\",\"hostPath\":\"/b\"}]"),
                        422,
                        "/run/volumes(0)"),
                refusal(
                        "POST",
                        jobs,
                        run("\"cmd\":\"a\",\"secrets\":{\"s\":{\"source\":\"x\"}}"),
                        422,
                        "is declared but"),
                refusal(
                        "POST",
                        jobs,
                        run("\"cmd\":\"a\",\"env\":{\"E\":{\"secret\":\"s\"}}"),
                        422,
                        "used but not declared"),
                refusal(
                        "POST",
                        jobs,
                        run("\"cmd\":\"a\",\"networks\":[{\"mode\":\"container\"}]"),
                        422,
                        "/run/networks"),
                refusal(
                        "POST",
                        jobs,
                        job("\"dependencies\":[{\"id\":\"ghost\"}]," + RUN),
                        422,
                        "'ghost', which does not"),
                refusal("POST", jobs, job("\"dependencies\":[{\"id\":\"x\"}]," + RUN), 422, "lead back to itself"),
                refusal(
                        "POST",
                        jobs,
                        job("\"dependencies\":[{\"id\":\"base\"}],\"schedules\":[" + DAILY + "]," + RUN),
                        422,
                        "not both"),
                refusal(
                        "POST",
                        jobs,
                        "{\"id\":\"base\"," + RUN + "}",
                        409,
                        "{\"message\":\"Job 'base' already exists\"}"),
                refusal("PUT", "/v1/jobs/base", job("\"dependencies\":[{\"id\":\"child\"}]," + RUN), 422, "lead back"),
                refusal("PUT", "/v1/jobs/ghost", job(RUN), 404, "{\"id\":\"ghost\",\"message\":"),
                refusal("GET", "/v1/jobs/ghost", "", 404, "{\"id\":\"ghost\",\"message\":"),
                refusal("DELETE", "/v1/jobs/ghost", "", 404, "{\"id\":\"ghost\",\"message\":"),
                refusal("DELETE", "/v1/jobs/base", "", 409, "child depend on it"),
                refusal("POST", "/v1/jobs/ghost/runs", "", 404, "{\"id\":\"ghost\",\"message\":"),
                refusal("GET", "/v1/jobs/ghost/runs", "", 404, "{\"id\":\"ghost\",\"message\":"),
                refusal("GET", "/v1/jobs/base/runs/r1", "", 404, "{\"jobSpec\":\"base\",\"id\":\"r1\",\"message\":"),
                refusal("POST", "/v1/jobs/base/runs/r1/actions/stop", "", 404, "{\"jobSpec\":\"base\",\"id\":\"r1\","),
                refusal("GET", "/v1/jobs/ghost/schedules", "", 404, "{\"id\":\"ghost\",\"message\":"),
                refusal("GET", "/v1/jobs/timed/schedules/s1", "", 404, "{\"id\":\"s1\",\"message\":"),
                refusal("PUT", "/v1/jobs/timed/schedules/s1", DAILY, 404, "{\"id\":\"s1\",\"message\":"),
                refusal("DELETE", "/v1/jobs/timed/schedules/s1", "", 404, "{\"id\":\"s1\",\"message\":"),
                refusal("POST", "/v1/jobs/timed/schedules", DAILY, 409, "already exists"),
                refusal("POST", "/v1/jobs/timed/schedules", DAILY.replace("daily", "other"), 409, "has at most one"),
                refusal("POST", "/v1/jobs/child/schedules", DAILY, 422, "not both"),
                refusal("POST", "/v1/jobs/base/schedules", "{\"id\":\"s\",\"cron\":\"0 0 31 2 *\"}", 422, "/cron"),
                refusal(
                        "POST",
                        "/v1/jobs/base/schedules",
                        "{\"id\":\"s\",\"cron\":\"* * * * *\",\"timezone\":\"Mars/Base\"}",
                        422,
                        "/timezone"),
                refusal(
                        "POST",
                        "/v1/jobs/base/schedules",
                        "{\"id\":\"s\",\"cron\":\"* * * * *\",\"startingDeadlineSeconds\":5}",
                        422,
                        "must be at least 60"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refuses(String method, String path, String body, int status, String expected) {
        JsonNode before = harness.json(server, "GET", "/v1/jobs", "");
        HttpResponse<String> answer = harness.send(server, method, path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).contains(expected);
        assertThat(harness.json(server, "GET", "/v1/jobs", ""))
                .as("nothing changed")
                .isEqualTo(before);
    }

    @Test
    void aJobComesBackAsItWasGivenWithDefaults() {
        String body =
                "{\"id\":\"full.job\",\"description\":\"d\",\"labels\":{\"a\":\"b\"},\"run\":{\"cpus\":1,\"mem\":64,"
                        + "\"disk\":1,\"cmd\":\"c\",\"placement\":{\"constraints\":[{\"attribute\":\"a\",\"operator\":\"EQ\","
                        + "\"value\":\"v\"}]},\"artifacts\":[{\"uri\":\"http://u\"}],\"env\":{\"K\":\"v\",\"S\":{\"secret\":\"s\"}},"
                        + "\"secrets\":{\"s\":{\"source\":\"p\"}},\"ucr\":{\"image\":{\"id\":\"i\"}},"
                        + "\"volumes\":[{\"containerPath\":\"/p\",\"secret\":\"s\"}]}}";
        JsonNode created = harness.json(server, "POST", "/v1/jobs", body);
        JsonNode run = created.get("run");
        assertThat(run.get("placement")
                        .get("constraints")
                        .get(0)
                        .get("operator")
                        .asText())
                .isEqualTo("IS");
        assertThat(run.get("artifacts").get(0).get("extract").asBoolean()).isTrue();
        assertThat(run.get("mem").toString()).isEqualTo("64");
        assertThat(run.get("maxLaunchDelay").asInt()).isEqualTo(3600);
        assertThat(run.get("restart").get("policy").asText()).isEqualTo("NEVER");
        assertThat(run.get("ucr").get("image").get("kind").asText()).isEqualTo("docker");
        assertThat(run.get("env").get("S").get("secret").asText()).isEqualTo("s");
        assertThat(harness.json(server, "GET", "/v1/jobs/full.job", "")).isEqualTo(created);
        HttpResponse<String> again = harness.send(server, "PUT", "/v1/jobs/full.job", created.toString());
        assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
        assertThat(harness.send(server, "DELETE", "/v1/jobs/full.job", "").statusCode())
                .isEqualTo(200);
    }

    @Test
    void schedulesAreKeptByAnUpdateAndReplacedByV0() {
        String job = "{\"id\":\"cron\"," + RUN + "}";
        create(job);
        HttpResponse<String> added = harness.send(server, "POST", "/v1/jobs/cron/schedules", DAILY);
        assertThat(added.statusCode()).isEqualTo(201);
        assertThat(added.body())
                .contains("\"concurrencyPolicy\":\"ALLOW\"", "\"timezone\":\"UTC\"", "\"enabled\":true")
                .containsPattern("\"nextRunAt\":\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:00:00\\.000[+-]\\d{4}\"");
        harness.send(server, "PUT", "/v1/jobs/cron", job);
        assertThat(harness.json(server, "GET", "/v1/jobs/cron/schedules", "")).hasSize(1);
        String disabled = "{\"cron\":\"0 4 * * *\",\"enabled\":false}";
        assertThat(harness.json(server, "PUT", "/v1/jobs/cron/schedules/daily", disabled)
                        .has("nextRunAt"))
                .isFalse();
        assertThat(harness.json(server, "GET", "/v1/jobs/cron/schedules/daily", "")
                        .get("cron")
                        .asText())
                .isEqualTo("0 4 * * *");
        HttpResponse<String> deleted = harness.send(server, "DELETE", "/v1/jobs/cron/schedules/daily", "");
        assertThat(deleted.statusCode()).isEqualTo(200);
        assertThat(deleted.body()).isEmpty();
        String both = "{\"id\":\"cron\",\"schedules\":[" + DAILY + "]," + RUN + "}";
        assertThat(harness.send(server, "PUT", "/v0/scheduled-jobs/cron", both).statusCode())
                .isEqualTo(200);
        assertThat(harness.json(server, "GET", "/v1/jobs/cron/schedules", "")).hasSize(1);
        assertThat(harness.send(server, "POST", "/v0/scheduled-jobs", both.replace("\"cron\",\"sch", "\"c2\",\"sch"))
                        .statusCode())
                .isEqualTo(201);
        harness.send(server, "DELETE", "/v1/jobs/cron", "");
        harness.send(server, "DELETE", "/v1/jobs/c2", "");
    }

    @Test
    void embedsAreThereWhenAskedFor() {
        JsonNode plain = harness.json(server, "GET", "/v1/jobs/base", "");
        assertThat(plain.has("history")).isFalse();
        assertThat(plain.has("activeRuns")).isFalse();
        assertThat(plain.has("schedules")).isTrue();
        JsonNode all = harness.json(server, "GET", "/v1/jobs?embed=activeRuns,history&embed=historySummary", "")
                .get(0);
        assertThat(all.get("activeRuns").isArray()).isTrue();
        assertThat(all.get("history").get("successfulFinishedRuns").isArray()).isTrue();
        assertThat(all.get("historySummary").get("lastSuccessAt").isNull()).isTrue();
        assertThat(harness.json(server, "GET", "/v1/jobs/child", "")
                        .get("waitingFor")
                        .get(0)
                        .asText())
                .isEqualTo("job 'base' has not succeeded yet");
    }

    @Test
    void theServersOwnPages() {
        assertThat(harness.send(server, "GET", "/ping", "").body()).isEqualTo("pong");
        assertThat(harness.json(server, "GET", "/info", "").has("version")).isTrue();
        assertThat(harness.json(server, "GET", "/leader", "").get("leader").asText())
                .isEqualTo(server.address());
        assertThat(harness.json(server, "GET", "/v1/metrics", "").has("paddock.batch.jobs"))
                .isTrue();
        assertThat(harness.send(server, "GET", "/metrics/prometheus", "").body())
                .contains("paddock_batch_jobs");
    }
}
