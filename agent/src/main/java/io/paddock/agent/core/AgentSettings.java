package io.paddock.agent.core;

import io.paddock.proto.v1.AgentInfo;
import java.time.Duration;
import java.util.SortedMap;

/**
 * What an agent is told at its start and never changes.
 *
 * @param info the agent without id; resources are its totals without dynamic reservations
 * @param version of this software
 * @param bootId names the boot of the machine
 * @param workDir absolute path of the work directory
 * @param ip where executors reach the agent, with {@code info.port}
 * @param https whether the agent's port speaks HTTPS
 * @param executorEnvironment added to the environment of every executor
 * @param registrationBackoff unit of the random wait between registration attempts, doubled up to a minute
 * @param executorRegistrationTimeout an executor must subscribe within this after its start
 * @param executorReregistrationTimeout custom executors must subscribe again within this after the agent's restart
 * @param executorShutdownGrace between SHUTDOWN and the destruction of the container, unless ExecutorInfo says otherwise
 * @param recoveryTimeout custom executors give up after being this long without an agent
 * @param maxCompletedExecutors so many ended executors of a framework are remembered
 */
public record AgentSettings(
        AgentInfo info,
        String version,
        String bootId,
        String workDir,
        String ip,
        boolean https,
        SortedMap<String, String> executorEnvironment,
        Duration registrationBackoff,
        Duration executorRegistrationTimeout,
        Duration executorReregistrationTimeout,
        Duration executorShutdownGrace,
        Duration recoveryTimeout,
        int maxCompletedExecutors) {

    /** How long a custom executor waits at most between two attempts to subscribe: well within the time it has. */
    public Duration subscriptionBackoffMax() {
        Duration usual = Duration.ofSeconds(2);
        return usual.compareTo(executorReregistrationTimeout) < 0 ? usual : executorReregistrationTimeout;
    }

    /** {@code slave(1)@ip:port}, as Mesos clients expect it. */
    public String pid() {
        return "slave(1)@" + ip + ":" + info.getPort();
    }
}
