package io.paddock.marathon.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.marathon.server.RunningMarathon.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code /v2/groups} over real HTTP. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GroupsApiTest {
    private RunningMarathon marathon;

    @BeforeAll
    void start() {
        marathon = new RunningMarathon();
        marathon.master.addAgent("host1", "cpus:16;mem:16384;disk:1000;ports:[31000-31999]");
    }

    @AfterAll
    void stop() {
        marathon.close();
    }

    private static String app(String id, String more) {
        return "{\"id\":\"" + id + "\",\"cmd\":\"sleep 100\",\"cpus\":0.1,\"instances\":1" + more + "}";
    }

    private List<String> apps(String group) {
        List<String> ids = new ArrayList<>();
        marathon.get("/v2/groups/" + group + "/apps")
                .json()
                .forEach(a -> ids.add(a.path("id").asText()));
        return ids;
    }

    private void awaitQuiet() {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> marathon.get("/v2/deployments").json().isEmpty());
    }

    @Test
    void aGroupIsCreatedChangedScaledAndDeleted() {
        Reply created = marathon.post(
                "/v2/groups",
                "{\"id\":\"/shop\",\"apps\":[" + app("web", ",\"dependencies\":[\"db\"]") + "," + app("/shop/db", "")
                        + "],\"groups\":[{\"id\":\"inner\",\"apps\":[" + app("x", "") + "]}]}");
        assertThat(created.status()).as(created.body()).isEqualTo(201);
        assertThat(created.header("Location")).isEqualTo("/shop");
        assertThat(created.json().path("deploymentId").asText()).isNotEmpty();
        awaitQuiet();
        assertThat(apps("shop")).containsExactly("/shop/db", "/shop/inner/x", "/shop/web");
        JsonNode group = marathon.get("/v2/groups/shop").json();
        assertThat(group.path("apps")).hasSize(2);
        assertThat(group.path("groups").path(0).path("apps").path(0).path("id").asText())
                .isEqualTo("/shop/inner/x");
        assertThat(marathon.post("/v2/groups", "{\"id\":\"/shop\"}").status()).isEqualTo(409);
        String first = group.path("version").asText();

        Reply scaled = marathon.put("/v2/groups/shop", "{\"scaleBy\":1.5}");
        assertThat(scaled.status()).as(scaled.body()).isEqualTo(200);
        awaitQuiet();
        assertThat(marathon.get("/v2/apps/shop/web")
                        .json()
                        .path("app")
                        .path("instances")
                        .asInt())
                .isEqualTo(2);

        Reply plan = marathon.put("/v2/groups/shop?dryRun=true", "{\"apps\":[" + app("web", ",\"mem\":1") + "]}");
        assertThat(plan.json().path("steps").toString())
                .contains("StopApplication")
                .contains("RestartApplication");
        assertThat(apps("shop")).hasSize(3);

        marathon.put("/v2/groups/shop", "{\"apps\":[" + app("web", "") + "]}");
        awaitQuiet();
        assertThat(apps("shop")).containsExactly("/shop/inner/x", "/shop/web");

        assertThat(marathon.get("/v2/groups/shop/versions").json().size()).isGreaterThan(1);
        assertThat(marathon.get("/v2/groups/shop/versions/" + first)
                        .json()
                        .path("apps")
                        .path(0)
                        .path("instances")
                        .asInt())
                .isEqualTo(1);
        assertThat(marathon.delete("/v2/groups/shop").status()).isEqualTo(200);
        awaitQuiet();
        assertThat(marathon.get("/v2/groups/shop").status()).isEqualTo(404);
        assertThat(marathon.get("/v2/apps").json().path("apps").findValuesAsText("id"))
                .noneMatch(id -> id.startsWith("/shop"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/apps(0)/id | {\"id\":\"/g\",\"apps\":[{\"id\":\"/elsewhere/a\",\"cmd\":\"true\"}]}",
                "/apps(1)/cpus | {\"id\":\"/g\",\"apps\":[{\"id\":\"a\",\"cmd\":\"x y\"},{\"id\":\"b\",\"cmd\":\"x y\",\"cpus\":-2}]}",
                "/groups(0)/apps(0)/mem | {\"id\":\"/g\",\"groups\":[{\"id\":\"h\",\"apps\":[{\"id\":\"a\",\"cmd\":\"x y\",\"mem\":\"x\"}]}]}",
                "/scaleBy | {\"id\":\"/g\",\"scaleBy\":2,\"apps\":[]}",
                "/dependencies | {\"id\":\"/g\",\"apps\":[{\"id\":\"a\",\"cmd\":\"x y\",\"dependencies\":[\"b\"]},{\"id\":\"b\",\"cmd\":\"x y\",\"dependencies\":[\"a\"]}]}",
                "/enforceRole | {\"id\":\"/g/h\",\"enforceRole\":true}",
            })
    void badInputNamesTheField(String path, String json) {
        Reply reply = marathon.post("/v2/groups", json);
        assertThat(reply.status()).as(reply.body()).isEqualTo(422);
        assertThat(reply.json().path("details").findValuesAsText("path")).contains(path);
        assertThat(marathon.get("/v2/groups/g").status()).isEqualTo(404);
    }

    @Test
    void appsAndGroupsDoNotShareAnId() {
        marathon.put("/v2/apps/names/app", "{\"cmd\":\"sleep 1\",\"instances\":0}");
        assertThat(marathon.post("/v2/groups", "{\"id\":\"/names/app\"}").status())
                .isEqualTo(409);
        assertThat(marathon.put("/v2/apps/names", "{\"cmd\":\"sleep 1\"}").status())
                .isEqualTo(422);
        assertThat(marathon.put("/v2/apps/names/app/below", "{\"cmd\":\"sleep 1\"}")
                        .status())
                .isEqualTo(422);
    }

    @Test
    void rolesCanBeEnforced() {
        marathon.post("/v2/groups", "{\"id\":\"/team\",\"enforceRole\":true}");
        assertThat(marathon.get("/v2/groups/team").json().path("enforceRole").asBoolean())
                .isTrue();
        Reply refused = marathon.put("/v2/apps/team/web", "{\"cmd\":\"sleep 1\",\"instances\":0,\"role\":\"*\"}");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(marathon.put("/v2/apps/team/web", "{\"cmd\":\"sleep 1\",\"instances\":0,\"role\":\"team\"}")
                        .status())
                .isEqualTo(201);
        assertThat(marathon.patch("/v2/groups/team", "{\"enforceRole\":false}").status())
                .isEqualTo(200);
        assertThat(marathon.patch("/v2/groups/team", "{}").status()).isEqualTo(422);
    }
}
