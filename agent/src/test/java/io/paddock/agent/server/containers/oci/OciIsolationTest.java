package io.paddock.agent.server.containers.oci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OciIsolationTest {
    @Test
    void saysTheLimitOnlyWhereThereIsOne() {
        assertThat(OciIsolation.memoryExceeded(64, 63.5, 1))
                .isEqualTo(
                        "Memory limit exceeded: limit 64.0 MB, highest use 63.5 MB; the kernel killed 1 process(es)");
        assertThat(OciIsolation.memoryExceeded(0, 63.5, 1))
                .isEqualTo("Memory limit exceeded: highest use 63.5 MB; the kernel killed 1 process(es)");
    }
}
