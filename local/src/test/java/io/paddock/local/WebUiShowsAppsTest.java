package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.paddock.common.testing.Browser;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody sees in a browser who posted an app: the master's pages over a real agent and a real container. */
class WebUiShowsAppsTest {
    @Test
    void anAppIsAmongTheTasksWithItsOutputAndItsRole(@TempDir Path directory) throws Exception {
        assumeTrue(Browser.isInstalled(), "Chromium and chromedriver are not installed");
        try (LocalCluster cluster = LocalCluster.start(
                        directory.resolve("work"), "--resources", "cpus:4;mem:4096;disk:4096;ports:[23000-23999]");
                Browser browser = new Browser(directory.resolve("profile"), Path.of("target", "webui"))) {
            Http.Answer created = Http.post(cluster.marathon() + "/v2/apps", """
                    {"id": "/shop/greeter", "role": "shop", "cpus": 1, "mem": 64,
                     "cmd": "echo good morning from $MARATHON_APP_ID; exec sleep 1000"}""");
            assertThat(created.status()).as(created.body()).isEqualTo(201);

            browser.open(cluster.master() + "/#/tasks");
            browser.textOf(
                    "tbody",
                    text -> text.contains("shop_greeter") && text.contains("running") && text.contains("marathon"));
            browser.picture("cluster-tasks");

            browser.find("tbody a[href^='#/tasks/']").click();
            browser.textOf("h1", "shop_greeter");
            browser.textOf(".log", "good morning from /shop/greeter");
            browser.picture("cluster-task");

            browser.open(cluster.master() + "/#/roles");
            browser.textOf("tbody", "shop 1\n25%\n1 / 4\n64 MB / 4 GB marathon");
            browser.picture("cluster-roles");
            assertThat(browser.complaints()).isEmpty();
        }
    }
}
