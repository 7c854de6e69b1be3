package io.paddock.platform.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZooKeeperAddressTest {
    @TempDir
    Path dir;

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            nullValues = "-",
            value = {
                "zk://a:1,b:2/mesos a:1,b:2 /mesos -",
                "zk://user:secret@a:1/mesos a:1 /mesos user:secret",
                "zk://user:s:ec@ret@a:1,b:2/mesos/deep a:1,b:2 /mesos/deep user:s:ec@ret"
            })
    void isReadAsMesosReadsIt(String text, String servers, String path, String credentials) {
        ZooKeeperAddress address = ZooKeeperAddress.parse(text);
        assertThat(address).isEqualTo(new ZooKeeperAddress(servers, path, Optional.ofNullable(credentials)));
        assertThat(address.toString()).doesNotContain("ret");
        assertThat(ZooKeeperAddress.withoutPassword("--zk=" + text)).doesNotContain("ret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"zk://a:1", "zk://a:1/", "zk://a:1/mesos/", "a:1/mesos", "zk://user@a:1/mesos", "zk:///mesos"})
    void otherFormsAreRefused(String text) {
        assertThatThrownBy(() -> ZooKeeperAddress.parse(text)).hasMessageContaining("is not a ZooKeeper address");
    }

    @Test
    void mayStandInAFile() throws Exception {
        Path file = Files.writeString(dir.resolve("zk"), "zk://user:secret@a:1/mesos\n");
        assertThat(ZooKeeperAddress.text("file://" + file)).isEqualTo("zk://user:secret@a:1/mesos");
        assertThat(ZooKeeperAddress.text("127.0.0.1:5050")).isEqualTo("127.0.0.1:5050");
        assertThatThrownBy(() -> ZooKeeperAddress.text("file://" + dir.resolve("none")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none");
    }
}
