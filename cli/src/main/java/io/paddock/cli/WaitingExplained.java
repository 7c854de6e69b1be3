package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.proto.v1.FrameworkID;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Says why a task is not launched yet, once and whenever it changes. */
final class WaitingExplained {
    private final ClusterFlags cluster;
    private final Output output;
    private String last = "";

    WaitingExplained(ClusterFlags cluster, Output output) {
        this.cluster = cluster;
        this.output = output;
    }

    /** @param still whether it waits: an offer may arrive while the master is asked */
    void explain(@Nullable FrameworkID framework, Map<String, String> missing, BooleanSupplier still) {
        List<String> reasons = new ArrayList<>();
        missing.forEach((host, lacks) -> reasons.add(host + " has too little: " + lacks));
        if (reasons.isEmpty()) {
            reasons.addAll(masterSays(framework));
        }
        String text = "paddock run: waiting for an offer"
                + (reasons.isEmpty() ? "; none has come so far" : ":\n  " + String.join("\n  ", reasons));
        if (!text.equals(last) && still.getAsBoolean()) {
            last = text;
            output.note(text);
        }
    }

    private List<String> masterSays(@Nullable FrameworkID framework) {
        List<String> reasons = new ArrayList<>();
        if (framework == null) {
            return reasons;
        }
        try {
            for (JsonNode told : WhyCommand.ask(cluster.master(), framework.getValue())) {
                for (JsonNode role : told.path("roles")) {
                    role.path("reasons")
                            .forEach(reason -> reasons.add(reason.path("detail").asText()));
                }
            }
        } catch (CommandFailed e) {
            return List.of(); // a master that cannot explain is no reason to stop waiting
        }
        return reasons;
    }
}
