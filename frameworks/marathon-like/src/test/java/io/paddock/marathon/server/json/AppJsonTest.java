package io.paddock.marathon.server.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.paddock.marathon.core.Fact;
import io.paddock.marathon.core.deploy.Action;
import io.paddock.marathon.core.deploy.Deployment;
import io.paddock.marathon.core.instance.Agent;
import io.paddock.marathon.core.instance.Condition;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Group;
import io.paddock.marathon.core.model.PathId;
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What goes in and what comes out. {@code name.in.json} is read and must be written as {@code name.out.json}; run with
 * {@code -Dgolden.update=true} to write the files anew, and look at the difference.
 */
class AppJsonTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    @ParameterizedTest
    @ValueSource(strings = {"minimal", "full", "old-docker-bridge", "old-ip-per-task", "container-network"})
    void writesAsMarathonDoes(String name) throws IOException {
        App app = LaunchesTest.app(Files.readString(GOLDEN.resolve(name + ".in.json")));
        String written = pretty(app);
        Path expected = GOLDEN.resolve(name + ".out.json");
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(expected, written);
        }
        assertThat(written).isEqualTo(Files.readString(expected));
        assertThat(pretty(LaunchesTest.app(written))).as("read again").isEqualTo(written);
    }

    private static String pretty(App app) throws JsonProcessingException {
        return Json.mapper().copy().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(AppWriter.write(app))
                + "\n";
    }

    @Test
    void theStoreGivesBackWhatWasStored() throws IOException {
        Instant now = Instant.parse("2020-05-01T12:00:00.123Z");
        App app = LaunchesTest.app(Files.readString(GOLDEN.resolve("full.in.json")));
        Agent agent = new Agent("S1", "host", "r", null, new TreeMap<>(Map.of("rack", "a")));
        Instance instance = Instance.scheduled("web.instance-1", app, now)
                .provisioned(agent, List.of(31000, 0), now)
                .moved(Condition.RUNNING, now)
                .withAddresses(List.of("10.0.0.1"))
                .withHealthy(true);
        TreeMap<PathId, App> apps = new TreeMap<>(Map.of(app.id(), app));
        List<Fact> facts = List.of(
                new Fact.FrameworkRegistered("f-1"),
                new Fact.AppDefined(app),
                new Fact.GroupDefined(new Group(PathId.of("/g"), List.of(PathId.of("/h")), true, now)),
                new Fact.InstanceChanged(instance),
                new Fact.InstanceChanged(
                        Instance.scheduled("web.instance-2", app, now).decommissioned()),
                new Fact.DeploymentChanged(new Deployment(
                        "d-1", now, List.of(List.of(new Action(Action.Kind.SCALE, app.id()))), apps, apps, 0)));
        for (Fact fact : facts) {
            assertThat(FactCodec.decode(fact.keys().get(0), FactCodec.encode(fact)))
                    .isEqualTo(fact);
        }
    }
}
