package io.paddock.agent;

import io.paddock.common.testing.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    @Test
    void followsTheImportRules() {
        ArchitectureRules.check("io.paddock.agent");
    }
}
