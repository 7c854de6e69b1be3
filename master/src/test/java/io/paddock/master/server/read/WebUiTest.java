package io.paddock.master.server.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.common.testing.Browser;
import io.paddock.master.server.MasterOptions;
import io.paddock.master.server.MasterServer;
import io.paddock.master.testing.FakeAgent;
import io.paddock.master.testing.FakeFramework;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;

/** The web UI in a real browser, on a real master whose agents and frameworks only pretend. */
class WebUiTest {
    @TempDir
    static Path dir;

    private static ActorTestKit kit;
    private static MasterServer master;
    private static FakeAgent first;
    private static FakeAgent second;
    private static FakeFramework web;
    private static FakeFramework jobs;
    private static Browser browser;
    private static final Map<FakeFramework, Set<String>> TAKEN = new HashMap<>();
    private static final Map<String, String> AGENT_OF = new HashMap<>();
    private static final StringBuffer STDOUT = new StringBuffer("starting up\nlistening on 31000\n");

    @BeforeAll
    static void startCluster() throws Exception {
        Assumptions.assumeTrue(Browser.isInstalled(), "Chromium and chromedriver are not installed");
        kit = ActorTestKit.create();
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        options.cluster = "paddock-one";
        master = MasterServer.start(kit.system(), options).toCompletableFuture().join();
        await().until(() -> master.leadership().leading().isPresent());
        first = FakeAgent.start(master.port(), "cpus:8;mem:16384;disk:102400;ports:[31000-32000]");
        second = FakeAgent.start(master.port(), "cpus:4;mem:8192;disk:51200;ports:[31000-32000]");
        first.page("/files/read", WebUiTest::readFile);
        second.page("/files/read", WebUiTest::readFile);
        web = FakeFramework.start(master.port(), "marathon", "web");
        for (int i = 0; i < 6; i++) {
            launch(web, "web." + i, 0.5, 256);
        }
        agentOf("web.4")
                .report(
                        "web.4",
                        TaskState.TASK_FAILED,
                        TaskStatus.Reason.REASON_CONTAINER_LIMITATION_MEMORY,
                        "Memory limit of 256 MB exceeded");
        agentOf("web.5").report("web.5", TaskState.TASK_KILLING, TaskStatus.Reason.REASON_TASK_INVALID, "");
        web.wantNothing();
        jobs = FakeFramework.start(master.port(), "batch", "jobs/nightly");
        launch(jobs, "report-<b>1", 2, 1024);
        browser = new Browser(dir.resolve("profile"), Path.of("target", "webui"));
    }

    @AfterAll
    static void stopCluster() {
        if (browser != null) {
            browser.close();
        }
        if (master != null) {
            web.close();
            jobs.close();
            first.close();
            second.close();
            master.close();
            kit.shutdownTestKit();
        }
    }

    @Test
    void theOverviewShowsTotalsTasksAndWhatWaits() {
        browser.open(url("#/"));
        browser.textOf("h1", "paddock-one");
        browser.textOf(".meter", text -> text.contains("CPUs") && text.contains("4.5 used"));
        browser.textOf(".counts a[href$=TASK_RUNNING]", "5");
        browser.textOf(
                "main",
                text -> text.contains("Memory limit of 256 MB exceeded")
                        && text.contains("Asked to end; it has its grace period."));
        browser.textOf(".live", "live");
        assertThat(browser.title()).isEqualTo("Paddock");
        browser.picture("overview");
        browser.emulate("dark");
        browser.picture("overview-dark");
        browser.emulate("light");
        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.foreignRequests(url(""))).isEmpty();
    }

    @Test
    void agentsAndOneAgent() {
        browser.open(url("#/agents"));
        browser.textOf("tbody", text -> text.contains("127.0.0.1") && text.contains("rack: r1"));
        assertThat(browser.all("tbody tr")).hasSizeGreaterThanOrEqualTo(2);
        browser.picture("agents");
        browser.find("tbody a[title='" + first.id() + "']").click();
        browser.textOf("main", text -> text.contains(first.id()) && text.contains("31000-32000"));
        browser.picture("agent");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void frameworksSayWhyTheyAreOfferedNothing() {
        browser.open(url("#/frameworks"));
        browser.textOf("tbody", text -> text.contains("marathon") && text.contains("batch"));
        browser.picture("frameworks");
        browser.open(url("#/frameworks/" + web.id()));
        browser.textOf("main", "Role web");
        browser.textOf("main", "suppressed offers in role web.");
        browser.picture("framework");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void rolesShowSharesWeightsAndQuota() throws Exception {
        operator(
                "{\"type\":\"UPDATE_WEIGHTS\",\"update_weights\":{\"weight_infos\":[{\"role\":\"web\",\"weight\":2.5}]}}");
        operator("{\"type\":\"UPDATE_QUOTA\",\"update_quota\":{\"force\":true,\"quota_configs\":[{\"role\":\"jobs\","
                + "\"guarantees\":{\"cpus\":{\"value\":1}},\"limits\":{\"cpus\":{\"value\":6}}}]}}");
        browser.open(url("#/roles"));
        browser.textOf(
                "tbody",
                text -> text.contains("nightly")
                        && text.contains("2.5")
                        && text.contains("cpus: 1 guaranteed, at most 6, has 2")
                        && text.contains("marathon"));
        assertThat(browser.find("span[title='jobs/nightly']").getText()).isEqualTo("nightly");
        assertThat(browser.all(".quota .tick")).hasSize(1);
        browser.picture("roles");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void plannedMaintenanceIsShown() throws Exception {
        operator(
                "{\"type\":\"UPDATE_MAINTENANCE_SCHEDULE\",\"update_maintenance_schedule\":{\"schedule\":{\"windows\":["
                        + "{\"machine_ids\":[{\"hostname\":\"127.0.0.1\"}],\"unavailability\":{\"start\":{\"nanoseconds\":"
                        + "4102444800000000000},\"duration\":{\"nanoseconds\":3600000000000}}}]}}}");
        try {
            browser.open(url("#/agents"));
            browser.textOf(
                    "table[aria-label=Maintenance] tbody", text -> text.contains("draining") && text.contains("1 h"));
            browser.textOf("table[aria-label=Agents] tbody", "maintenance");
            answerQuestionsWith(false);
            click("Down");
            assertThat(browser.script("return window.asked").toString())
                    .contains("Its agents are shut down, with all their tasks.");
            browser.picture("maintenance");
            assertThat(browser.complaints()).isEmpty();
        } finally {
            operator(
                    "{\"type\":\"UPDATE_MAINTENANCE_SCHEDULE\",\"update_maintenance_schedule\":{\"schedule\":{\"windows\":[]}}}");
        }
    }

    @Test
    void deactivatedAgentsSayWhatIsTheMatter() throws Exception {
        String agent = "{\"agent_id\":{\"value\":\"" + second.id() + "\"}}";
        operator("{\"type\":\"DEACTIVATE_AGENT\",\"deactivate_agent\":" + agent + "}");
        try {
            browser.open(url("#/agents/" + second.id()));
            browser.textOf("main", "An operator deactivated it");
            browser.open(url("#/frameworks/" + jobs.id()));
            browser.textOf(
                    "main",
                    text -> text.contains("1 agent: an operator deactivated the agent")
                            && text.contains("% of the cluster in this role"));
            browser.picture("framework-why");
        } finally {
            operator("{\"type\":\"REACTIVATE_AGENT\",\"reactivate_agent\":" + agent + "}");
        }
    }

    @Test
    void anOperatorDeactivatesAndReactivatesAnAgentOnItsPage() {
        browser.open(url("#/agents/" + second.id()));
        answerQuestionsWith(true);
        click("Deactivate");
        browser.textOf("main", "An operator deactivated it");
        assertThat(browser.script("return window.asked").toString()).contains("Its tasks go on.");
        click("Reactivate");
        browser.textOf(".actions", "Drain");
        answerQuestionsWith(false);
        click("Drain");
        assertThat(browser.script("return window.asked").toString()).contains("End all tasks");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void anOperatorSetsAQuotaAndIsToldWhyNot() throws Exception {
        browser.open(url("#/roles"));
        browser.find("summary").click();
        browser.find("input[name=role]").sendKeys("db");
        browser.find("input[name=guarantees]").sendKeys("cpus=9000");
        click("Set");
        browser.textOf("details", "set force to do it nevertheless");
        browser.find("input[name=guarantees]").clear();
        browser.find("input[name=guarantees]").sendKeys("cpus much");
        click("Set");
        browser.textOf("details", "\"cpus much\" is not an amount");
        browser.find("input[name=guarantees]").clear();
        browser.find("input[name=guarantees]").sendKeys("cpus=1, mem:64");
        browser.find("input[name=limits]").sendKeys("cpus=2.5");
        click("Set");
        try {
            browser.textOf("details", "The quota of db is set.");
            browser.textOf("tbody", "1 guaranteed, at most 2.5");
            browser.picture("quota");
        } finally {
            operator("{\"type\":\"UPDATE_QUOTA\",\"update_quota\":{\"quota_configs\":[{\"role\":\"db\"}]}}");
        }
        assertThat(browser.complaints()).as("but for the refusal").allMatch(text -> text.contains("status of 400"));
    }

    @Test
    void reservationsAndVolumesOfAnAgentAreShown() throws Exception {
        String reserved =
                "{\"name\":\"disk\",\"type\":\"SCALAR\",\"scalar\":{\"value\":100},\"reservations\":[{\"type\":\"DYNAMIC\",\"role\":\"db\","
                        + "\"labels\":{\"labels\":[{\"key\":\"for\",\"value\":\"tests\"}]}}]";
        String agent = "{\"agent_id\":{\"value\":\"" + first.id() + "\"},";
        operator("{\"type\":\"RESERVE_RESOURCES\",\"reserve_resources\":" + agent + "\"resources\":[" + reserved
                + "}]}}");
        operator(
                "{\"type\":\"CREATE_VOLUMES\",\"create_volumes\":" + agent + "\"volumes\":[" + reserved
                        + ",\"disk\":{\"persistence\":{\"id\":\"v1\"},\"volume\":{\"mode\":\"RW\",\"container_path\":\"data\"}}}]}}");
        browser.open(url("#/agents/" + first.id()));
        browser.textOf(
                "table[aria-label=Reservations] tbody",
                text -> text.contains("disk 100 MB")
                        && text.contains("v1, in the sandbox as data")
                        && text.contains("dynamic")
                        && text.contains("for: tests"));
        browser.picture("reservations");
        assertThat(browser.complaints()).isEmpty();
    }

    private static void answerQuestionsWith(boolean yes) {
        browser.script("window.confirm = question => { window.asked = question; return arguments[0]; }", yes);
    }

    private static void click(String label) {
        await().until(() -> (boolean) browser.script(
                "const button = [...document.querySelectorAll('button')].find(b => b.textContent === arguments[0] && !b.disabled);"
                        + "button?.click(); return button !== undefined;",
                label));
    }

    @Test
    void tasksAreFilteredByTextAndStateAndSorted() {
        browser.open(url("#/tasks"));
        browser.textOf("[role=status].end", "7 of 7");
        browser.find("body").sendKeys("/");
        browser.find("#filter").sendKeys("memory limit");
        browser.textOf("[role=status].end", "1 of 7");
        assertThat(browser.url()).contains("q=memory+limit");
        browser.find("#filter").sendKeys(Keys.chord(Keys.CONTROL, "a"), Keys.BACK_SPACE);
        browser.textOf("[role=status].end", "7 of 7");
        browser.find("select option[value=TASK_FAILED]").click();
        browser.textOf("[role=status].end", "1 of 7");
        browser.textOf("tbody", "web.4");
        browser.picture("tasks-failed");
        browser.open(url("#/tasks?active=1"));
        browser.textOf("[role=status].end", "6 of 7");
        browser.picture("tasks");
        browser.find("th:first-child button").click();
        browser.textOf("tbody tr:first-child td", "report-<b>1");
        assertThat(browser.find("th:first-child").getAttribute("aria-sort")).isEqualTo("ascending");
        browser.find("th:first-child button").sendKeys(Keys.ENTER);
        browser.textOf("tbody tr:first-child td", "web.5");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void aTasksOutputIsFollowed() {
        browser.open(url("#/tasks/" + web.id() + "/web.0"));
        browser.textOf(".log", "listening on 31000");
        STDOUT.append("GET / 200\n");
        browser.textOf(".log", "GET / 200");
        for (int i = 0; i < 300; i++) {
            STDOUT.append("line ").append(i).append("\n");
        }
        browser.textOf(".log", "line 299");
        await().until(
                        () -> Boolean.TRUE.equals(
                                browser.script(
                                        "const b = document.querySelector('.log'); return b.scrollTop + b.clientHeight > b.scrollHeight - 24")));
        browser.picture("task");
        browser.all(".tabs button").get(1).click();
        browser.textOf(".log", "a warning");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void changesAppearWithoutReloading() {
        browser.open(url("#/offers"));
        browser.textOf("tbody", "batch");
        browser.picture("offers");
        browser.open(url("#/"));
        browser.textOf("nav a[href='#/agents'] .n", "2");
        browser.textOf(".meter", "of 12");
        browser.script("window.notReloaded = true");
        try (FakeAgent third = FakeAgent.start(master.port(), "cpus:1;mem:128")) {
            browser.textOf("nav a[href='#/agents'] .n", "3");
            browser.textOf(".meter", "of 13");
            assertThat(third.id()).isNotEmpty();
        }
        browser.textOf("main", "Its link to the master broke");
        assertThat(browser.script("return window.notReloaded")).isEqualTo(true);
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void unknownThingsAndNamesWithMarkupAreShownAsText() {
        browser.open(url("#/tasks/none/none"));
        browser.textOf("main", "Not known to this master");
        browser.open(url("#/agents/none"));
        browser.textOf("main", "Not registered with this master");
        browser.open(url("#/tasks?q=report"));
        browser.textOf("tbody", "report-<b>1");
        assertThat(browser.find("tbody").findElements(By.tagName("b"))).isEmpty();
        browser.find("tbody a").click();
        browser.textOf("h1", "report-<b>1");
        assertThat(browser.complaints()).isEmpty();
    }

    private static void launch(FakeFramework framework, String taskId, double cpus, double mem) {
        Set<String> taken = TAKEN.computeIfAbsent(framework, f -> new HashSet<>());
        await().until(() -> framework.offers().stream()
                .anyMatch(offer -> !taken.contains(offer.getId().getValue())));
        Offer offer = framework.offers().stream()
                .filter(o -> !taken.contains(o.getId().getValue()))
                .findFirst()
                .orElseThrow();
        taken.add(offer.getId().getValue());
        framework.launch(offer, taskId, cpus, mem);
        AGENT_OF.put(taskId, offer.getAgentId().getValue());
    }

    private static FakeAgent agentOf(String taskId) {
        return AGENT_OF.get(taskId).equals(first.id()) ? first : second;
    }

    /** Files of every task: stdout grows, stderr does not. */
    private static String readFile(String path, String query) {
        Map<String, String> parameters = Arrays.stream(query.split("&"))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        String text = parameters.get("path").endsWith("/stdout") ? STDOUT.toString() : "a warning\n";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int offset = Integer.parseInt(parameters.get("offset"));
        if (offset < 0) {
            return "{\"offset\":" + bytes.length + ",\"data\":\"\"}";
        }
        int length = Math.min(bytes.length - offset, Integer.parseInt(parameters.get("length")));
        String data = new String(bytes, offset, length, StandardCharsets.UTF_8);
        return "{\"offset\":" + offset + ",\"data\":\"" + data.replace("\n", "\\n") + "\"}";
    }

    private static void operator(String call) throws Exception {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(url("api/v1")))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(call))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isBetween(200, 202);
    }

    private static String url(String hash) {
        return "http://127.0.0.1:" + master.port() + "/" + hash;
    }
}
