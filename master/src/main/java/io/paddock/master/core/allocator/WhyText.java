package io.paddock.master.core.allocator;

import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.Explanation.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says a reason in a sentence, with the numbers. */
final class WhyText {
    private static final int MAX_ROLES = 3;

    private final Books books;
    private final Client client;
    private final String framework;
    private final String role;

    WhyText(Books books, Client client) {
        this.books = books;
        this.client = client;
        this.framework = "framework " + client.framework.id;
        this.role = "role " + client.role.name;
    }

    String of(Reason reason, WhyCount count) {
        return sentence(reason, count) + example(reason, count);
    }

    private String example(Reason reason, WhyCount count) {
        Agent agent = count.example;
        if (agent == null || reason == Reason.NOTHING_FREE) {
            return "";
        }
        if (!agent.active) {
            return ", for example agent " + agent.id;
        }
        Bag visible = books.visible(agent, client);
        return ", for example agent " + agent.id + " with "
                + (visible.isEmpty() ? "nothing" : visible.resources(books.names)) + " free for it";
    }

    private String sentence(Reason reason, WhyCount count) {
        switch (reason) {
            case AGENT_DISCONNECTED:
                return "the agent is not connected";
            case AGENT_SILENT:
                return "the agent does not answer and waits until --agent-removal-rate-limit lets it be marked unreachable";
            case AGENT_DRAINING:
                return "the agent is being drained by an operator, or was";
            case AGENT_DEACTIVATED:
                return "an operator deactivated the agent";
            case AGENT_CAPABILITY:
                return "the agent does not understand multi-role frameworks or nested roles";
            case CONSTRAINT:
                return "the agent does not meet the offer constraints of " + framework + " for " + role;
            case REGION:
                return "the agent is in another region and " + framework + " is not REGION_AWARE";
            case GPU:
                return "the agent has GPUs and " + framework + " lacks GPU_RESOURCES";
            case NOT_WHITELISTED:
                return "the agent is not in the whitelist";
            case HELD_FOR_LARGE_OFFER:
                return "what is free there is kept for a framework that waits for a large offer";
            case PACKED:
                return role + " is packed and " + framework + " has offers of as many agents as it may have at a time: "
                        + client.allowance.outstanding();
            case NOTHING_FREE:
                return "nothing is free there for " + role + ": of " + amounts(count.total) + " " + framework
                        + " holds " + amounts(count.own) + ", tasks and offers of others or reservations the rest";
            case BELOW_MINIMUM:
                return "less is free than the smallest offer that " + framework + " takes (" + minimum()
                        + "); together " + amounts(count.free);
            case REFUSED:
                return framework + " refused what is free there, together " + amounts(count.free)
                        + "; the last refusal ends at " + Deadlines.instant(count.latest);
            case MAINTENANCE:
                return framework + " refused what is free there, together " + amounts(count.free)
                        + "; maintenance of the machine is planned" + maintenance(count.example);
            case QUOTA_LIMIT:
                return "the quota limit is reached: " + limits() + "; free there are " + amounts(count.free);
            case HEADROOM:
                return "what is free is kept for guarantees that are not met: " + lacking()
                        + "; free and unreserved are " + amounts(books.freeUnreserved);
            case NEXT_RUN:
                return "nothing stands in the way: the next run offers it, to whoever has the smallest share";
            case UNKNOWN_FRAMEWORK:
            case NOT_SUBSCRIBED:
            case DISCONNECTED:
            case SUPPRESSED:
            case UNANSWERED_OFFERS:
                break;
        }
        throw new IllegalStateException(reason + " is no reason of a single agent");
    }

    private static String maintenance(@Nullable Agent agent) {
        return agent == null || agent.traits.maintenanceAt() == null ? "" : " for " + agent.traits.maintenanceAt();
    }

    private String amounts(long[] quantities) {
        return Quantities.isEmpty(quantities)
                ? "nothing"
                : books.names.resources(quantities, Resources.EMPTY).toString();
    }

    private String minimum() {
        return client.minimum.length == 0
                ? "anything"
                : Arrays.stream(client.minimum).map(this::amounts).collect(Collectors.joining(" or "));
    }

    /** The role's limits and those above it, with what counts against them. */
    private String limits() {
        List<String> parts = new ArrayList<>();
        for (Role at = client.role; at != null; at = at.parent) {
            long[] limit = at.limit;
            if (limit != null) {
                long[] limited = limit.clone();
                long[] consumed = new long[limit.length];
                for (int i = 0; i < limit.length; i++) {
                    limited[i] = limit[i] == Long.MAX_VALUE ? 0 : limit[i];
                    consumed[i] = limit[i] == Long.MAX_VALUE ? 0 : at.consumed(i);
                }
                parts.add("role " + at.name + " may have " + amounts(limited) + " and has " + amounts(consumed));
            }
        }
        return String.join(", ", parts);
    }

    private String lacking() {
        List<Role> roles = books.roles.inNeed();
        String named = roles.stream()
                .limit(MAX_ROLES)
                .map(needy -> "role " + needy.name + " lacks " + amounts(needy.need))
                .collect(Collectors.joining(", "));
        return roles.size() > MAX_ROLES ? named + " and " + (roles.size() - MAX_ROLES) + " more" : named;
    }
}
