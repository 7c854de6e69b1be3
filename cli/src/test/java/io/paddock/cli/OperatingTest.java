package io.paddock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands of those who run a cluster, against a master with prepared answers: what they ask it, and what they say. */
class OperatingTest {
    private static final String SLAVES = """
            {"slaves":[
              {"id":"m-S0","hostname":"a1","port":5051,"active":true,"registered_time":1.0,"resources":{},"used_resources":{},
               "attributes":{},"reserved_resources_full":{"web":[
                 {"name":"disk","type":"SCALAR","scalar":{"value":50.0},"role":"web","reservation":{"principal":"ops"},
                  "reservations":[{"type":"DYNAMIC","role":"web","principal":"ops"}],
                  "disk":{"persistence":{"id":"data"},"volume":{"mode":"RW","container_path":"d"}}},
                 {"name":"disk","type":"SCALAR","scalar":{"value":100.0},"role":"web","reservation":{"principal":"ops"},
                  "reservations":[{"type":"DYNAMIC","role":"web","principal":"ops"}]},
                 {"name":"ports","type":"RANGES","ranges":{"range":[{"begin":31000,"end":31005}]},"role":"web","reservation":{},
                  "reservations":[{"type":"DYNAMIC","role":"web","labels":{"labels":[{"key":"a","value":"b"}]}}]}],
               "db":[{"name":"cpus","type":"SCALAR","scalar":{"value":2.0},"role":"db","reservations":[{"type":"STATIC","role":"db"}]}]}},
              {"id":"m-S1","hostname":"a2","port":5051,"active":true,"registered_time":1.0},
              {"id":"m-S2","hostname":"a2","port":5052,"active":true,"registered_time":1.0}]}""";
    private static final String ROLES = """
            {"roles":[{"name":"web","weight":2.5,"frameworks":["f"],"allocated":{"cpus":3.0},"offered":{"cpus":0.0},
                       "reserved":{"disk":150.0},"quota":{"role":"web","guarantee":{"cpus":8.0},"limit":{"mem":65536.0},
                       "consumed":{"cpus":3.0}}},
                      {"name":"idle","weight":1.0,"frameworks":[],"quota":{"role":"idle","guarantee":{},"limit":{},"consumed":{}}}]}""";
    private static final String SCHEDULE = """
            {"windows":[{"machine_ids":[{"hostname":"a1"},{"hostname":"a2","ip":"10.0.0.2"}],
                         "unavailability":{"start":{"nanoseconds":4000000000000000000},"duration":{"nanoseconds":1800000000000}}},
                        {"machine_ids":[{"hostname":"a3"}],"unavailability":{"start":{"nanoseconds":1000000000000000000}}}]}""";

    private final CannedServer master = new CannedServer();
    private final Map<String, String> environment = Map.of("PADDOCK_MASTER", master.address());

    @BeforeEach
    void prepare() {
        master.answer("/slaves", 200, SLAVES);
        master.answer("/roles", 200, ROLES);
        master.answer("/weights", 200, "[{\"role\":\"web\",\"weight\":2.5}]");
        master.answer("/maintenance/schedule", 200, SCHEDULE);
        master.answer("/maintenance/status", 200, """
                {"draining_machines":[{"id":{"hostname":"a1"},"statuses":[
                    {"status":"ACCEPT","framework_id":{"value":"f"}},{"status":"UNKNOWN","framework_id":{"value":"g"}}]}],
                 "down_machines":[{"hostname":"a3"}]}""");
        master.answer("/frameworks", 200, "{\"frameworks\":[{\"id\":\"f\",\"name\":\"marathon\"}]}");
        master.answer("/machine", 200, "");
        master.answer("/api/v1", 202, "");
    }

    @AfterEach
    void close() {
        master.close();
    }

    private Invocation paddock(String words) {
        return Invocation.of(environment, words.split(" "));
    }

    /** What it prints, its columns one blank apart. */
    private String table(String words) {
        Invocation invocation = paddock(words);
        assertThat(invocation.status()).as(invocation.err()).isZero();
        return invocation.out().replaceAll(" +", " ");
    }

    private void asks(String words, String says, String... requests) {
        master.asked.clear();
        Invocation invocation = paddock(words);
        assertThat(invocation.status()).as(invocation.err()).isZero();
        assertThat(invocation.out()).isEqualTo(says);
        assertThat(master.asked.stream().filter(asked -> !asked.startsWith("GET ")))
                .containsExactly(requests);
    }

    private void refuses(String words, int status, String... because) {
        master.asked.clear();
        Invocation invocation = paddock(words);
        assertThat(invocation.status()).as(words).isEqualTo(status);
        assertThat(invocation.err()).contains(because);
        assertThat(master.asked).as("nothing is changed").allMatch(asked -> asked.startsWith("GET "));
    }

    @Test
    void quotas() {
        assertThat(table("quota")).isEqualTo("ROLE GUARANTEED AT MOST HAS\nweb cpus 8 mem 64G cpus 3\n");
        assertThat(paddock("quota ls --json").out())
                .startsWith("[")
                .contains("\"role\" : \"web\"")
                .doesNotContain("idle");
        asks(
                "quota set web/a --guarantee cpus=8,mem=64g --limit cpus:16;mem:131072 --force",
                "set web/a\n",
                "POST /api/v1 {\"type\":\"UPDATE_QUOTA\",\"update_quota\":{\"force\":true,\"quota_configs\":[{\"role\":\"web/a\","
                        + "\"guarantees\":{\"cpus\":{\"value\":8.0},\"mem\":{\"value\":65536.0}},"
                        + "\"limits\":{\"cpus\":{\"value\":16.0},\"mem\":{\"value\":131072.0}}}]}}");
        asks(
                "quota rm web",
                "removed web\n",
                "POST /api/v1 {\"type\":\"UPDATE_QUOTA\",\"update_quota\":{\"quota_configs\":[{\"role\":\"web\"}]}}");
        refuses("quota rm web idle", 1, "role idle has no quota", "paddock quota");
        refuses("quota set web", 2, "--guarantee, --limit or both");
        refuses("quota set web -l cpus", 2, "'cpus' is not an amount such as cpus=2");
        refuses("quota set web -l cpus=much", 2, "'much'");
        refuses("quota set web -l ports=[1-2]", 2, "ports must be a number");
    }

    @Test
    void whatTheMasterRefusesIsPassedOn() {
        master.answer("/api/v1", 400, "update_quota.quota_configs: too much; set force to do it nevertheless");
        Invocation set = paddock("quota set web -g cpus=900");
        assertThat(set.status()).isEqualTo(1);
        assertThat(set.err()).contains("set: the master answered 400", "too much; set force");
        assertThat(set.out()).isEmpty();
    }

    @Test
    void weightsAndRoles() {
        assertThat(table("weights")).isEqualTo("ROLE WEIGHT\nweb 2.5\n");
        asks(
                "weights set web=2 db=0.5",
                "set web=2\nset db=0.5\n",
                "PUT /weights [{\"role\":\"web\",\"weight\":2.0},{\"role\":\"db\",\"weight\":0.5}]");
        refuses("weights set web=heavy", 2, "heavy");
        refuses("weights set", 2, "ROLE=WEIGHT");
        assertThat(table("roles")).contains("web 2.5 1 cpus 3 disk 150M yes", "idle 1 0 -");
        assertThat(paddock("roles --json").out()).startsWith("[");
    }

    @Test
    void maintenanceIsShownAndPlanned(@TempDir Path directory) throws Exception {
        assertThat(table("maintenance"))
                .contains(
                        "a1 DRAINING in ",
                        "30m marathon accepts, g has not answered",
                        "a2/10.0.0.2 DRAINING",
                        "a3 DOWN")
                .contains(" ago -");
        assertThat(paddock("maintenance status --json").out()).contains("down_machines");
        assertThat(paddock("maintenance show").out()).contains("\"windows\"");
        master.answer("/maintenance/schedule", 200, "{\"windows\":[]}");
        asks(
                "maintenance add a1 a2/10.0.0.2 --start 2030-01-01T00:00:00Z --for 90m",
                "scheduled a1\nscheduled a2/10.0.0.2\n",
                "POST /maintenance/schedule {\"windows\":[{\"machine_ids\":[{\"hostname\":\"a1\"},"
                        + "{\"hostname\":\"a2\",\"ip\":\"10.0.0.2\"}],\"unavailability\":{\"start\":{\"nanoseconds\":"
                        + "1893456000000000000},\"duration\":{\"nanoseconds\":5400000000000}}}]}");
        refuses("maintenance add a1 --start soon", 2, "--start: 'soon' is neither a time");
        refuses("maintenance add a1 --for long", 2, "'long' is not a duration such as 30s");
        Path file = Files.writeString(directory.resolve("schedule"), "{\"windows\":[]}");
        asks("maintenance set " + file, "set schedule\n", "POST /maintenance/schedule {\"windows\":[]}");
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        assertThat(MaintenanceCommand.start(null, now)).isEqualTo(now);
        assertThat(MaintenanceCommand.start("2h", now)).isEqualTo(now.plus(Duration.ofHours(2)));
    }

    @Test
    void maintenanceBeginsAndEndsForMachinesAsTheScheduleHasThem() {
        asks(
                "maintenance down a1 a2",
                "down a1\ndown a2\n",
                "POST /machine/down [{\"hostname\":\"a1\"},{\"hostname\":\"a2\",\"ip\":\"10.0.0.2\"}]");
        asks(
                "maintenance up 10.0.0.2",
                "up 10.0.0.2\n",
                "POST /machine/up [{\"hostname\":\"a2\",\"ip\":\"10.0.0.2\"}]");
        asks(
                "maintenance rm a1 a3",
                "removed a1\nremoved a3\n",
                "POST /maintenance/schedule {\"windows\":[{\"machine_ids\":[{\"hostname\":\"a2\",\"ip\":\"10.0.0.2\"}],"
                        + "\"unavailability\":{\"start\":{\"nanoseconds\":4000000000000000000},"
                        + "\"duration\":{\"nanoseconds\":1800000000000}}}]}");
        refuses("maintenance down a9", 1, "machine a9 is not in the schedule", "maintenance add");
    }

    @Test
    void agentsAreTakenOutOfUseAndBack() {
        asks(
                "agents deactivate a1",
                "deactivated m-S0\n",
                "POST /api/v1 {\"type\":\"DEACTIVATE_AGENT\",\"deactivate_agent\":{\"agent_id\":{\"value\":\"m-S0\"}}}");
        asks(
                "agents uncordon a2:5052",
                "reactivated m-S2\n",
                "POST /api/v1 {\"type\":\"REACTIVATE_AGENT\",\"reactivate_agent\":{\"agent_id\":{\"value\":\"m-S2\"}}}");
        asks(
                "agents drain m-S1 --grace 1.5m --gone --json",
                "{\n  \"draining\" : \"m-S1\"\n}\n",
                "POST /api/v1 {\"type\":\"DRAIN_AGENT\",\"drain_agent\":{\"max_grace_period\":{\"seconds\":90,\"nanos\":0},"
                        + "\"mark_gone\":true,\"agent_id\":{\"value\":\"m-S1\"}}}");
        String unreachable = "916b3bd3-cff7-4bc4-af4f-8bbefd13c239-S7";
        asks(
                "agents gone " + unreachable,
                "gone " + unreachable + "\n",
                "POST /api/v1 {\"type\":\"MARK_AGENT_GONE\",\"mark_agent_gone\":{\"agent_id\":{\"value\":\""
                        + unreachable + "\"}}}");
        refuses("agents drain a2", 1, "may be any of 2 agents", "m-S1 (a2:5051)", "m-S2 (a2:5052)");
        refuses("agents gone a9", 1, "no registered agent has the host name or id a9");
        assertThat(paddock("agents show a1").out()).contains("\"id\" : \"m-S0\"");
    }

    @Test
    void reservationsAreListedMadeAndGivenBack() {
        assertThat(table("reservations"))
                .isEqualTo("AGENT ROLE KIND RESOURCES PRINCIPAL LABELS\na1:5051 web dynamic disk 100M ops\n"
                        + "a1:5051 web dynamic ports [31000-31005] a=b\na1:5051 db static cpus 2\n");
        assertThat(paddock("reservations --json").out())
                .startsWith("[")
                .contains("\"agent_id\" : \"m-S0\"")
                .doesNotContain("persistence");
        asks(
                "reserve m-S1 cpus=2,mem=1g,ports=[31000-31005,31009-31009] --role web --label a=b",
                "reserved cpus:2;mem:1024;ports:[31000-31005, 31009-31009]\n",
                "POST /api/v1 {\"type\":\"RESERVE_RESOURCES\",\"reserve_resources\":{\"agent_id\":{\"value\":\"m-S1\"},\"resources\":["
                        + "{\"name\":\"cpus\",\"type\":\"SCALAR\",\"scalar\":{\"value\":2.0},\"reservations\":[{\"labels\":{\"labels\":[{\"key\":\"a\",\"value\":\"b\"}]},\"role\":\"web\",\"type\":\"DYNAMIC\"}]},"
                        + "{\"name\":\"mem\",\"type\":\"SCALAR\",\"scalar\":{\"value\":1024.0},\"reservations\":[{\"labels\":{\"labels\":[{\"key\":\"a\",\"value\":\"b\"}]},\"role\":\"web\",\"type\":\"DYNAMIC\"}]},"
                        + "{\"name\":\"ports\",\"type\":\"RANGES\",\"ranges\":{\"range\":[{\"begin\":31000,\"end\":31005},{\"begin\":31009,\"end\":31009}]},\"reservations\":[{\"labels\":{\"labels\":[{\"key\":\"a\",\"value\":\"b\"}]},\"role\":\"web\",\"type\":\"DYNAMIC\"}]}]}}");
        asks(
                "unreserve a1 disk=40 --role web",
                "unreserved disk:40\n",
                "POST /api/v1 {\"type\":\"UNRESERVE_RESOURCES\",\"unreserve_resources\":{\"agent_id\":{\"value\":\"m-S0\"},\"resources\":["
                        + "{\"name\":\"disk\",\"type\":\"SCALAR\",\"scalar\":{\"value\":40.0},\"reservations\":[{\"principal\":\"ops\",\"role\":\"web\",\"type\":\"DYNAMIC\"}]}]}}");
        assertThat(paddock("unreserve a1 --role web").out()).isEqualTo("unreserved disk:100;ports:[31000-31005]\n");
        refuses("unreserve a1 disk=101 --role web", 1, "no reservation of role web has disk:101");
        refuses("unreserve a1 --role db", 1, "nothing is reserved to role db", "its own flags");
        refuses("reserve m-S1 cpus=2", 2, "--role");
        refuses("reserve m-S1 cpus --role web", 2, "'cpus' is not an amount");
    }

    @Test
    void volumesAreListedMadeAndDestroyed() {
        assertThat(table("volumes")).isEqualTo("ID AGENT ROLE SIZE PATH SHARED\ndata a1:5051 web 50M d no\n");
        assertThat(paddock("volumes ls --json").out())
                .contains("persistence", "\"agent_id\"")
                .doesNotContain("cpus");
        asks(
                "volumes create a1 more --role web --size 80 --path m --shared",
                "created more\n",
                "POST /api/v1 {\"type\":\"CREATE_VOLUMES\",\"create_volumes\":{\"agent_id\":{\"value\":\"m-S0\"},\"volumes\":["
                        + "{\"name\":\"disk\",\"type\":\"SCALAR\",\"scalar\":{\"value\":80.0},\"disk\":{\"persistence\":{\"id\":\"more\"},"
                        + "\"volume\":{\"container_path\":\"m\",\"mode\":\"RW\"}},\"shared\":{},\"reservations\":[{\"principal\":\"ops\",\"role\":\"web\",\"type\":\"DYNAMIC\"}]}]}}");
        asks(
                "volumes rm a1 data",
                "destroyed data\n",
                "POST /api/v1 {\"type\":\"DESTROY_VOLUMES\",\"destroy_volumes\":{\"agent_id\":{\"value\":\"m-S0\"},\"volumes\":["
                        + "{\"name\":\"disk\",\"type\":\"SCALAR\",\"scalar\":{\"value\":50.0},\"disk\":{\"persistence\":{\"id\":\"data\"},"
                        + "\"volume\":{\"container_path\":\"d\",\"mode\":\"RW\"}},\"reservations\":[{\"principal\":\"ops\",\"role\":\"web\",\"type\":\"DYNAMIC\"}]}]}}");
        refuses(
                "volumes create a1 more --role web --size 1g --path m",
                1,
                "no 1024M of disk",
                "paddock reserve a1 disk=1024 --role web");
        refuses("volumes rm a1 nothing", 1, "has no volume nothing; it has [data]");
    }

    @ParameterizedTest
    @CsvSource({"30s, PT30S", "1.5m, PT1M30S", "2h, PT2H", "1d, PT24H", "30secs, PT30S"})
    void durations(String text, Duration length) {
        assertThat(new TimeSpan().convert(text)).isEqualTo(length);
    }
}
