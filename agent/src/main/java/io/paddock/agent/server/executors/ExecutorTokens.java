package io.paddock.agent.server.executors;

import io.paddock.agent.core.ExecutorLaunch;
import io.paddock.platform.security.JwtKeys;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What proves to the agent that an executor is the one it started. Source: the default executor secrets of Mesos. */
public final class ExecutorTokens {
    private static final String VARIABLE = "MESOS_EXECUTOR_AUTHENTICATION_TOKEN";

    private final Optional<JwtKeys> keys;

    /** @param keys which sign; absent where executors need no token */
    public ExecutorTokens(Optional<JwtKeys> keys) {
        this.keys = keys;
    }

    /** The environment of a custom executor, with its token. */
    Map<String, String> environment(ExecutorLaunch launch) {
        if (keys.isEmpty()) {
            return launch.environment();
        }
        Map<String, String> environment = new TreeMap<>(launch.environment());
        environment.put(
                VARIABLE,
                keys.get()
                        .newest()
                        .sign(Map.of(
                                "fid", launch.key().frameworkId(),
                                "eid", launch.key().executorId(),
                                "cid", launch.container().getValue())));
        return environment;
    }
}
