package io.paddock.executor;

import io.paddock.common.testing.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    @Test
    void followsTheImportRules() {
        ArchitectureRules.check("io.paddock.executor");
    }
}
