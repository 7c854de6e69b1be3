package io.paddock.master.server;

import io.paddock.common.DurationText;
import io.paddock.master.core.MasterConfig;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags about agents that do not answer any more: how fast they are given up, and how long they are remembered. */
public final class RemovalFlags {
    private static final Pattern RATE = Pattern.compile("([1-9][0-9]{0,5})/(.+)");
    private static final Pattern PERCENT = Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,6})?)%");

    @Option(
            names = {"--agent-removal-rate-limit", "--agent_removal_rate_limit"},
            paramLabel = "N/DURATION",
            description = "How many agents at most are marked unreachable in how long, such as 1/10mins, one after the"
                    + " other; one that answers while it waits stays. No limit if not given.")
    public @Nullable String rate;

    @Option(
            names = {"--recovery-agent-removal-limit", "--recovery_agent_removal_limit"},
            paramLabel = "PERCENT",
            description =
                    "Which part of the known agents may stay away after an election: with more missing this master"
                            + " exits instead of marking them unreachable.")
    public String recoveryLimit = "100%";

    @Option(
            names = {"--registry-gc-interval", "--registry_gc_interval"},
            paramLabel = "DURATION",
            description = "How often agents that are unreachable or gone for too long are forgotten.")
    public Duration gcInterval = MasterConfig.Memory.DEFAULT.gcInterval();

    @Option(
            names = {"--registry-max-agent-age", "--registry_max_agent_age"},
            paramLabel = "DURATION",
            description = "How long such an agent is remembered.")
    public Duration maxAgentAge = MasterConfig.Memory.DEFAULT.maxAgentAge();

    @Option(
            names = {"--registry-max-agent-count", "--registry_max_agent_count"},
            paramLabel = "N",
            description =
                    "How many unreachable agents, and how many gone ones, are remembered; the oldest are forgotten.")
    public int maxAgents = MasterConfig.Memory.DEFAULT.maxAgents();

    /** @throws IllegalArgumentException naming the flag that does not fit */
    MasterConfig.Memory memory() {
        return new MasterConfig.Memory(
                MasterOptions.positive("--registry-gc-interval", gcInterval),
                MasterOptions.positive("--registry-max-agent-age", maxAgentAge),
                MasterOptions.positive("--registry-max-agent-count", maxAgents));
    }

    /** @throws IllegalArgumentException naming the flag that does not fit */
    MasterConfig.Removals removals() {
        return new MasterConfig.Removals(pause(), recoveryLimit());
    }

    private @Nullable Duration pause() {
        String given = rate;
        if (given == null) {
            return null;
        }
        Matcher parts = RATE.matcher(given);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "--agent-removal-rate-limit: must be a number of agents and a time such as 1/10mins, but is '"
                            + given + "'");
        }
        try {
            return MasterOptions.positive("--agent-removal-rate-limit", DurationText.parse(parts.group(2)))
                    .dividedBy(Long.parseLong(parts.group(1)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--agent-removal-rate-limit: " + e.getMessage(), e);
        }
    }

    private double recoveryLimit() {
        Matcher percent = PERCENT.matcher(recoveryLimit);
        double part = percent.matches() ? Double.parseDouble(percent.group(1)) / 100 : -1;
        if (!(part >= 0 && part <= 1)) {
            throw new IllegalArgumentException(
                    "--recovery-agent-removal-limit: must be from 0% to 100%, but is '" + recoveryLimit + "'");
        }
        return part;
    }
}
