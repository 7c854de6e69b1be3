package io.paddock.agent.core;

import io.paddock.common.DurationText;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.ExecutorInfo;
import java.time.Duration;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The environment every executor gets; PATH, where the sandbox is inside and what an image sets come from its container. Everything is checkpointed
 * here, so MESOS_CHECKPOINT is always 1. Source: the executor environment of the Mesos agent.
 */
final class ExecutorEnvironment {
    private ExecutorEnvironment() {}

    static SortedMap<String, String> of(
            AgentSettings settings, AgentID agent, ExecutorKey key, ExecutorInfo info, String sandbox) {
        TreeMap<String, String> env = new TreeMap<>();
        env.put("LIBPROCESS_PORT", "0");
        env.put("MESOS_FRAMEWORK_ID", key.frameworkId());
        env.put("MESOS_EXECUTOR_ID", key.executorId());
        env.put("MESOS_DIRECTORY", sandbox);
        env.put("MESOS_SANDBOX", sandbox);
        env.put("MESOS_SLAVE_ID", agent.getValue());
        env.put("MESOS_SLAVE_PID", settings.pid());
        env.put("MESOS_AGENT_ENDPOINT", settings.ip() + ":" + settings.info().getPort());
        env.put("MESOS_CHECKPOINT", "1");
        env.put("MESOS_HTTP_COMMAND_EXECUTOR", "0");
        Duration grace = info.hasShutdownGracePeriod()
                ? Duration.ofNanos(info.getShutdownGracePeriod().getNanoseconds())
                : settings.executorShutdownGrace();
        env.put("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", DurationText.format(grace));
        env.put("MESOS_RECOVERY_TIMEOUT", DurationText.format(settings.recoveryTimeout()));
        env.put("MESOS_SUBSCRIPTION_BACKOFF_MAX", DurationText.format(settings.subscriptionBackoffMax()));
        env.putAll(settings.executorEnvironment());
        return Collections.unmodifiableSortedMap(env);
    }
}
