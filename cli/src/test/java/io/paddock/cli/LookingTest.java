package io.paddock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The commands that look at a cluster and act on it, against a master and an agent with prepared answers. */
class LookingTest {
    /** The agent of all tasks is there, and none of them any more. */
    private static final String OVER = "{\"slaves\":[{\"id\":\"m-S0\"}],\"frameworks\":[],\"completed_frameworks\":[]}";

    private final CannedServer master = new CannedServer();
    private final CannedServer agent = new CannedServer();
    private final Map<String, String> environment = Map.of("PADDOCK_MASTER", master.address());

    @BeforeEach
    void prepare() {
        String slave = """
                {"id":"m-S0","hostname":"127.0.0.1","port":%d,"pid":"slave(1)@%s","active":true,"registered_time":1.0,
                 "resources":{"cpus":4.0,"mem":16384.0,"disk":100.0,"gpus":0.0},
                 "used_resources":{"cpus":0.2,"mem":64.0,"disk":0.0,"gpus":0.0},"attributes":{"rack":"a","n":1.0}}""".formatted(agent.port(), agent.address());
        String frameworks = """
                [{"id":"m-0000","name":"marathon","roles":["web"],"active":true,"connected":true,"registered_time":1.0,
                  "used_resources":{"cpus":0.2,"mem":64.0},"webui_url":"http://h:8080",
                  "offers":[{"id":"m-O1","slave_id":"m-S0","allocation_info":{"role":"web"},
                             "resources":{"cpus":3.8,"mem":100.0,"disk":0.0,"gpus":0.0,"ports":"[31000-32000]"}}],
                  "tasks":[{"id":"web.aaa1","name":"web","slave_id":"m-S0","executor_id":"","state":"TASK_RUNNING",
                            "resources":{"cpus":0.1,"mem":32.0},
                            "statuses":[{"state":"TASK_RUNNING","timestamp":1.0,
                                         "container_status":{"container_id":{"value":"c1"},"network_infos":[{"name":"bridge",
                                             "port_mappings":[{"host_port":31050,"container_port":80,"protocol":"tcp"}]}]}}]},
                           {"id":"web.aaa2","name":"web","slave_id":"m-S0","executor_id":"","state":"TASK_STAGING",
                            "resources":{"cpus":0.1,"mem":32.0},"statuses":[]}],
                  "unreachable_tasks":[],
                  "completed_tasks":[{"id":"web.bbb1","name":"web","slave_id":"m-S0","executor_id":"","state":"TASK_FAILED",
                            "resources":{"cpus":0.1,"mem":32.0},
                            "statuses":[{"state":"TASK_FAILED","timestamp":2.0,"reason":"REASON_CONTAINER_LIMITATION_MEMORY",
                                         "message":"too much"}]}]},
                 {"id":"m-0001","name":"paddock run","roles":["*"],"active":false,"connected":false,"registered_time":1.0,
                  "used_resources":{"cpus":0.1,"mem":64.0},"offers":[],
                  "tasks":[{"id":"run-1234","name":"run","slave_id":"m-S0","executor_id":"","state":"TASK_RUNNING",
                            "resources":{"cpus":0.1,"mem":64.0},"statuses":[]},
                           {"id":"gone-5678","name":"gone","slave_id":"m-S0","executor_id":"","state":"TASK_FINISHED",
                            "resources":{"cpus":0.1,"mem":64.0},"statuses":[]}],"completed_tasks":[]}]""";
        master.answer(
                "/state",
                200,
                "{\"slaves\":[" + slave + "],\"frameworks\":" + frameworks + ",\"completed_frameworks\":[]}");
        master.answer("/slaves", 200, "{\"slaves\":[" + slave + "]}");
        master.answer(
                "/frameworks",
                200,
                "{\"frameworks\":" + frameworks + ",\"completed_frameworks\":[{\"id\":\"m-0009\",\"name\":\"old\","
                        + "\"unregistered_time\":5.0,\"registered_time\":1.0}]}");
        master.answer(
                "/offers/why",
                200,
                "{\"frameworks\":[{\"framework_id\":{\"value\":\"m-0000\"},\"name\":\"marathon\",\"roles\":[{\"role\":\"web\","
                        + "\"share\":0.125,\"reasons\":[{\"reason\":\"SUPPRESSED\",\"agents\":1,"
                        + "\"detail\":\"it asked for none\"}]}]}]}");
        master.answer("/api/v1", 202, "");
        agent.answer("/api/v1", 200, "");
    }

    @AfterEach
    void close() {
        master.close();
        agent.close();
    }

    private Invocation paddock(String... words) {
        return Invocation.of(environment, words);
    }

    @Test
    void aMasterThatDoesNotLeadYetIsWaitedFor() {
        AtomicInteger asked = new AtomicInteger();
        master.handle("/roles", exchange -> {
            boolean leads = asked.incrementAndGet() > 2;
            CannedServer.reply(exchange, leads ? 200 : 503, leads ? "{\"roles\":[]}" : "No leader elected");
        });
        Invocation waits = Invocation.of(environment, "roles");
        assertThat(waits.status()).isZero();
        assertThat(asked).hasValue(3);
        assertThat(waits.err())
                .isEqualTo("paddock: the master at http://" + master.address()
                        + " answered 503: No leader elected; waiting up to 30secs\n");
        master.answer("/roles", 503, "No leader elected");
        Invocation impatient = Invocation.of(environment, "roles", "--leader-timeout", "0s");
        assertThat(impatient.status()).isEqualTo(1);
        assertThat(impatient.err())
                .contains("answered 503 to GET /roles: No leader elected")
                .doesNotContain("waiting");
        Invocation inVain = Invocation.of(environment, "roles", "--leader-timeout", "1s");
        assertThat(inVain.status()).isEqualTo(1);
        assertThat(inVain.err()).contains("waiting up to 1secs").contains("answered 503 to GET /roles");
    }

    @Test
    void psListsTasks() {
        Invocation ps = paddock("ps");
        assertThat(ps.status()).isZero();
        assertThat(ps.out().lines().map(line -> line.replaceAll(" +", " ").replaceAll(" \\d+d ", " 1d ")))
                .containsExactly(
                        "ID NAME FRAMEWORK AGENT STATE AGE CPUS MEM PORTS REASON",
                        "web.aaa1 web marathon 127.0.0.1 RUNNING 1d 0.1 32M 31050->80/tcp",
                        "web.aaa2 web marathon 127.0.0.1 STAGING - 0.1 32M",
                        "run-1234 run paddock run 127.0.0.1 RUNNING - 0.1 64M");
        assertThat(paddock("ps", "--all").out())
                .contains("web.bbb1", "CONTAINER_LIMITATION_MEMORY: too much", "gone-5678");
        assertThat(paddock("ps", "-q").out()).isEqualTo("web.aaa1\nweb.aaa2\nrun-1234\n");
        assertThat(paddock("ps", "--framework", "m-0001").out())
                .contains("run-1234")
                .doesNotContain("web.");
        assertThat(paddock("ps", "--json").out())
                .startsWith("[")
                .contains("\"framework_name\" : \"marathon\"", "\"agent_hostname\" : \"127.0.0.1\"");
    }

    @Test
    void agentsFrameworksAndOffersAreListed() {
        assertThat(paddock("agents").out()).contains("ACTIVE", "0.2/4", "64M/16G", "rack=a,n=1.0");
        assertThat(paddock("frameworks").out())
                .contains("marathon", "web", "DISCONNECTED", "http://h:8080")
                .doesNotContain("m-0009");
        assertThat(paddock("frameworks", "-a").out()).contains("m-0009", "ENDED");
        assertThat(paddock("offers").out()).contains("m-O1", "cpus 3.8, mem 100M, ports [31000-32000]");
        for (String verb : new String[] {"agents", "frameworks", "offers"}) {
            assertThat(paddock(verb, "--json").out().strip()).startsWith("[").endsWith("]");
        }
    }

    @Test
    void whyShowsTheMastersReasons() {
        assertThat(paddock("why", "marathon").out()).contains("12.5%", "SUPPRESSED", "it asked for none");
        assertThat(master.asked).contains("GET /offers/why?framework=m-0000");
        Invocation nobody = paddock("why", "nobody");
        assertThat(nobody.status()).isEqualTo(1);
        assertThat(nobody.err()).contains("there is no framework 'nobody'");
    }

    @Test
    void whySaysHowATaskIsAndWhy() {
        assertThat(paddock("why", "web.aaa2").out())
                .isEqualTo(
                        "task web.aaa2 of marathon on 127.0.0.1 is STAGING: sent to its agent, which has not said yet that it"
                                + " starts: it fetches files or an image, or makes the container\n");
        assertThat(paddock("why", "web.b").out())
                .isEqualTo("task web.bbb1 of marathon on 127.0.0.1 is FAILED: CONTAINER_LIMITATION_MEMORY: too much\n");
        assertThat(paddock("why", "web.").err()).contains("any of 2 tasks");
        assertThat(paddock("why", "--json", "web.aaa2").out()).contains("\"state\" : \"TASK_STAGING\"");
    }

    @Test
    void whySaysInWordsWhatAppsAndJobsWaitFor() {
        try (CannedServer frameworks = new CannedServer()) {
            frameworks.answer(
                    "/v2/queue",
                    200,
                    "{\"queue\":[{\"count\":2,\"reason\":\"No offer has come.\",\"app\":{\"id\":\"/shop/web\"}}]}");
            frameworks.answer(
                    "/v1/queue",
                    200,
                    "[{\"jobId\":\"nightly\",\"runs\":[{\"runId\":\"r1\",\"reason\":\"InsufficientCpus 2 of 2\"}]}]");
            String[] where = {"--marathon", frameworks.address(), "--batch", frameworks.address()};
            assertThat(paddock("why", where[0], where[1], where[2], where[3]).out())
                    .contains(
                            "app /shop/web: 2 instances wait. No offer has come.",
                            "job nightly, run r1 waits: InsufficientCpus 2 of 2",
                            "it asked for none");
            assertThat(paddock("why", "shop/web", where[0], where[1], where[2], where[3])
                            .out())
                    .contains("app /shop/web")
                    .doesNotContain("nightly", "SUPPRESSED");
        }
    }

    @Test
    void aTaskIsFoundByTheStartOfItsId() {
        assertThat(paddock("kill", "web.aaa1").out()).isEqualTo("killed web.aaa1\n");
        assertThat(agent.asked)
                .containsExactly("POST /api/v1 {\"type\":\"KILL_CONTAINER\",\"kill_container\":"
                        + "{\"signal\":9,\"container_id\":{\"value\":\"c1\"}}}");
        Invocation several = paddock("kill", "web");
        assertThat(several.status()).isEqualTo(1);
        assertThat(several.err()).contains("any of 2 tasks", "web.aaa1 (marathon)", "web.aaa2 (marathon)");
        Invocation none = paddock("kill", "nothing");
        assertThat(none.status()).isEqualTo(1);
        assertThat(none.err()).contains("no task whose id is or starts with 'nothing'", "paddock ps");
        assertThat(paddock("kill", "web.aaa2").err()).contains("has no container yet");
        assertThat(paddock("kill", "-s", "NOPE", "web.aaa1").status()).isEqualTo(2);
    }

    @Test
    void allThatIsKnownOfATaskIsPrinted() {
        agent.answer(
                "/api/v1",
                200,
                "{\"get_containers\":{\"containers\":[{\"container_id\":{\"value\":\"c0\"}},"
                        + "{\"container_id\":{\"value\":\"c1\"},\"resource_statistics\":{\"processes\":2}}]}}");
        assertThat(paddock("inspect", "web.aaa1", "web.bbb1").out())
                .startsWith("[")
                .contains("\"processes\" : 2", "\"agent_hostname\" : \"127.0.0.1\"", "web.bbb1", "too much")
                .doesNotContain("c0");
        assertThat(paddock("inspect", "nothing").status()).isEqualTo(1);
    }

    @Test
    void imagesAndNetworksOfAgentsAreListedAndPulled() {
        agent.answer(
                "/images",
                200,
                "{\"images\":[{\"name\":\"docker.io/library/busybox:1\",\"digest\":\"sha256:0123456789abcdef\","
                        + "\"size\":2097152,\"pulled\":1}]}");
        agent.answer("/images/pull", 200, "{\"name\":\"docker.io/library/busybox:1\",\"digest\":\"sha256:0123\"}");
        agent.answer("/networks", 200, "{\"networks\":[{\"name\":\"host\"},{\"name\":\"bridge\"}]}");
        assertThat(paddock("images").out().replaceAll(" +", " "))
                .contains("docker.io/library/busybox:1 0123456789ab", "2M 127.0.0.1");
        assertThat(paddock("pull", "busybox:1").out())
                .isEqualTo("127.0.0.1: docker.io/library/busybox:1 sha256:0123\n");
        assertThat(agent.asked).contains("POST /images/pull?name=busybox%3A1");
        assertThat(paddock("network", "ls").out().replaceAll(" +", " "))
                .isEqualTo("NETWORK AGENTS\nhost 127.0.0.1\nbridge 127.0.0.1\n");
        assertThat(paddock("network", "--json").out()).contains("\"name\" : \"bridge\"");
        assertThat(paddock("images", "--agent", "elsewhere").err()).contains("elsewhere", "paddock agents");
    }

    @Test
    void aPullThatFailsSaysWhere() {
        agent.answer("/images/pull", 400, "image x cannot be pulled: manifest unknown");
        Invocation pull = paddock("pull", "x");
        assertThat(pull.status()).isEqualTo(1);
        assertThat(pull.err()).isEqualTo("paddock pull: agent 127.0.0.1: image x cannot be pulled: manifest unknown\n");
    }

    @Test
    void aDetachedRunIsEndedAsAWhole() {
        assertThat(paddock("kill", "run").status()).isZero();
        assertThat(master.asked)
                .contains(
                        "POST /api/v1 {\"type\":\"TEARDOWN\",\"teardown\":{\"framework_id\":{\"value\":\"m-0001\"}}}");
    }

    @Test
    void logsPrintsWhatATaskWrote() {
        String run = "/frameworks/m-0000/executors/web.bbb1/runs/latest/";
        agent.file(run + "stdout", "eins\nzwei\ndrei – vier\n");
        agent.file(run + "stderr", "oh\n");
        assertThat(paddock("logs", "web.b").out()).isEqualTo("eins\nzwei\ndrei – vier\n");
        assertThat(paddock("logs", "--tail", "1", "web.b").out()).isEqualTo("drei – vier\n");
        assertThat(paddock("logs", "--stderr", "--json", "web.b").out())
                .isEqualTo("{\"stream\":\"stderr\",\"data\":\"oh\\n\"}\n");
        Invocation gone = paddock("logs", "-f", "web.bbb1", "--stderr");
        assertThat(gone.out()).isEqualTo("oh\n");
    }

    @Test
    void logsGoOnWhileAnAgentStartsAgain() {
        String stdout = "/frameworks/m-0000/executors/web.aaa1/runs/latest/stdout";
        agent.file(stdout, "before\n");
        CompletableFuture<Invocation> logs = CompletableFuture.supplyAsync(() -> paddock("logs", "-f", "web.aaa1"));
        Awaitility.await().until(() -> agent.reads() > 8); // it follows by now
        agent.away(true);
        Awaitility.await().until(() -> agent.missed() > 1);
        agent.file(stdout, "before\nafter\n");
        agent.away(false);
        master.answer("/state", 200, OVER);
        assertThat(logs.join().out()).isEqualTo("before\nafter\n");
        assertThat(logs.join().err()).containsOnlyOnce("cannot reach the agent").contains("Waiting for it.");
    }

    /** Also with the master elsewhere, whom its agent has not found yet. */
    @Test
    void logsGoOnWithoutAMaster() {
        String stdout = "/frameworks/m-0000/executors/web.aaa1/runs/latest/stdout";
        agent.file(stdout, "before\n");
        try (CannedServer next = new CannedServer()) {
            String masters = master.address() + "," + next.address();
            CompletableFuture<Invocation> logs = CompletableFuture.supplyAsync(
                    () -> Invocation.of(Map.of("PADDOCK_MASTER", masters), "logs", "-f", "web.aaa1"));
            Awaitility.await().until(() -> agent.reads() > 8); // it follows by now
            next.answer("/health", 200, "");
            next.answer("/state", 503, "No leader elected");
            master.close();
            int reads = agent.reads();
            Awaitility.await().until(() -> agent.reads() > reads + 4);
            next.answer("/state", 200, "{\"slaves\":[],\"frameworks\":[],\"completed_frameworks\":[]}");
            Awaitility.await()
                    .until(() -> next.asked.stream()
                                    .filter(asked -> asked.contains("/state"))
                                    .count()
                            > 3);
            assertThat(logs).isNotDone();
            agent.file(stdout, "before\nafter\n");
            next.answer("/state", 200, OVER);
            assertThat(logs.orTimeout(60, TimeUnit.SECONDS).join().out()).isEqualTo("before\nafter\n");
            assertThat(logs.join().err()).containsOnlyOnce("Waiting for it.").doesNotContain("waiting up to");
        }
    }

    @Test
    void logsGoOnWhileAMasterHangs() {
        String stdout = "/frameworks/m-0000/executors/web.aaa1/runs/latest/stdout";
        agent.file(stdout, "before\n");
        CompletableFuture<Invocation> logs = CompletableFuture.supplyAsync(() -> paddock("logs", "-f", "web.aaa1"));
        Awaitility.await().until(() -> agent.reads() > 8); // it follows by now
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        master.handle("/state", exchange -> {
            hanging.countDown();
            try {
                goesOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            CannedServer.reply(exchange, 200, OVER);
        });
        Awaitility.await().until(() -> hanging.getCount() == 0);
        int reads = agent.reads();
        Awaitility.await().until(() -> agent.reads() > reads + 4);
        assertThat(logs).isNotDone();
        agent.file(stdout, "before\nafter\n");
        goesOn.countDown();
        assertThat(logs.orTimeout(60, TimeUnit.SECONDS).join()).isEqualTo(new Invocation(0, "before\nafter\n", ""));
    }

    @Test
    void theLastLinesAreAsManyAsAskedForHoweverLongTheyAre() {
        String stdout = "/frameworks/m-0000/executors/web.bbb1/runs/latest/stdout";
        String line = "long ".repeat(1000) + "\n";
        agent.file(stdout, line.repeat(20));
        assertThat(paddock("logs", "-n", "10", "web.bbb1").out()).isEqualTo(line.repeat(10));
        agent.file(stdout + ".1", line.repeat(20));
        agent.file(stdout, "short\n");
        assertThat(paddock("logs", "-n", "10", "web.bbb1").out()).isEqualTo(line.repeat(9) + "short\n");
    }

    @Test
    void logsGoOnAcrossARotation() {
        String stdout = "/frameworks/m-0000/executors/web.aaa1/runs/latest/stdout";
        agent.file(stdout + ".2", "one\n");
        agent.file(stdout + ".1", "two\n");
        agent.file(stdout, "three\n");
        assertThat(paddock("logs", "web.aaa1").out()).isEqualTo("one\ntwo\nthree\n");
        agent.beforeRead((path, length) -> {
            if (path.endsWith("latest/stdout") && agent.reads() > 30) { // it follows by now
                agent.file(stdout + ".3", "one\n");
                agent.file(stdout + ".2", "two\n");
                agent.file(stdout + ".1", "three\nfour\n");
                agent.file(stdout, "five, and longer than what was there before\n");
                master.answer("/state", 200, OVER);
                agent.beforeRead((other, much) -> {});
            }
        });
        assertThat(paddock("logs", "-f", "web.aaa1"))
                .isEqualTo(
                        new Invocation(0, "one\ntwo\nthree\nfour\nfive, and longer than what was there before\n", ""));
    }

    @Test
    void theFirstMasterThatAnswersIsAsked() {
        CannedServer gone = new CannedServer();
        gone.close();
        Invocation ps = Invocation.of(Map.of("PADDOCK_MASTER", gone.address() + "," + master.address()), "ps");
        assertThat(ps.out()).contains("web.aaa1");
    }

    @Test
    void aMasterThatIsNotThereIsSaidToBe() {
        master.close();
        Invocation ps = paddock("ps");
        assertThat(ps.status()).isEqualTo(1);
        assertThat(ps.err())
                .contains("ps: cannot reach the master at http://" + master.address(), "PADDOCK_MASTER says where");
        assertThat(ps.out()).isEmpty();
    }

    @Test
    void aServersRefusalIsPassedOn() {
        try (CannedServer marathon = new CannedServer()) {
            marathon.answer(
                    "/v2/apps", 422, "{\"message\":\"Object is not valid\",\"details\":[{\"path\":\"/cpus\"}]}");
            Invocation scale =
                    Invocation.of(Map.of("PADDOCK_MARATHON", marathon.address()), "apps", "scale", "/shop/web", "3");
            assertThat(scale.status()).isEqualTo(1);
            assertThat(scale.err()).contains("marathon answered 422", "Object is not valid", "/cpus");
            assertThat(marathon.asked).containsExactly("PUT /v2/apps/shop/web {\"instances\":3}");
        }
    }

    @Test
    void appsAndJobsAreListed() {
        try (CannedServer server = new CannedServer()) {
            server.answer(
                    "/v2/apps",
                    200,
                    "{\"apps\":[{\"id\":\"/web\",\"instances\":3,\"tasksRunning\":2,\"cpus\":0.1,\"mem\":32,"
                            + "\"cmd\":\"sleep 1\",\"deployments\":[]}]}");
            server.answer(
                    "/v1/jobs",
                    200,
                    "[{\"id\":\"nightly\",\"run\":{\"cmd\":\"true\"},\"activeRuns\":[{}],"
                            + "\"schedules\":[{\"cron\":\"0 2 * * *\"}],"
                            + "\"historySummary\":{\"successCount\":5,\"failureCount\":1}}]");
            Map<String, String> at = Map.of("PADDOCK_MARATHON", server.address(), "PADDOCK_BATCH", server.address());
            assertThat(Invocation.of(at, "apps").out()).contains("/web", "2/3", "DEGRADED", "sleep 1");
            assertThat(Invocation.of(at, "apps", "--json").out()).startsWith("[");
            assertThat(Invocation.of(at, "jobs").out()).contains("nightly", "0 2 * * *", "true");
            assertThat(Invocation.of(at, "jobs", "--json").out()).startsWith("[");
        }
    }
}
