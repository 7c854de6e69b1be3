package io.paddock.platform.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OwnAddressTest {
    @Test
    void isOneThatOthersReachAndOfThisMachine() throws Exception {
        assumeTrue(
                Files.readAllLines(Path.of("/proc/net/route")).stream()
                        .anyMatch(line -> line.matches("\\S+\\s+0{8}\\s.*")),
                "needs a default route of IPv4");
        InetAddress own = OwnAddress.find();
        assertThat(own).isInstanceOf(Inet4Address.class);
        assertThat(own.isLoopbackAddress()).as("%s", own).isFalse();
        assertThat(NetworkInterface.getByInetAddress(own)).isNotNull();
    }
}
