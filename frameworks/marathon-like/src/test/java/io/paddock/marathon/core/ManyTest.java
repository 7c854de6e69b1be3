package io.paddock.marathon.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.marathon.core.model.App;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sizes at which anything quadratic would be felt. */
class ManyTest {
    @Test
    @Timeout(120)
    void oneAppOfFiveThousandInstances() {
        FakeCluster cluster = new FakeCluster(1);
        for (int i = 0; i < 20; i++) {
            cluster.agent("a" + i, "cpus:200;mem:64000;ports:[10000-12000]");
        }
        App app = Apps.app("/web", 5_000);
        cluster.create(app);
        cluster.advance(Duration.ofSeconds(60));
        assertThat(cluster.runningTasks("/web")).hasSize(5_000);
        assertThat(cluster.deployments()).isZero();
    }

    @Test
    @Timeout(120)
    void aThousandAppsInOneGroup() {
        FakeCluster cluster = new FakeCluster(1);
        for (int i = 0; i < 10; i++) {
            cluster.agent("a" + i, "cpus:200;mem:64000;ports:[10000-12000]");
        }
        List<App> apps = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            apps.add(Apps.app("/many/app" + i, 1));
        }
        cluster.ask(new Request.ChangeGroup(
                new GroupUpdate(apps.get(0).id().parent(), apps, null, null, null, null, null), true, false, false));
        cluster.advance(Duration.ofSeconds(60));
        assertThat(cluster.deployments()).isZero();
        assertThat(cluster.launchedEver).hasSize(1_000);
    }
}
