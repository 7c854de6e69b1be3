package io.paddock.marathon.core.launch;

import io.paddock.marathon.core.instance.Agent;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.Constraint;
import io.paddock.marathon.core.model.Constraint.Operator;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether an agent satisfies an app's constraints, given where its instances already are. An agent without the attribute
 * satisfies only UNLIKE.
 *
 * <p>GROUP_BY spreads evenly: a value is taken only while no other known value has fewer instances. Which values are
 * known comes from the caller; with a number of groups given, values beyond that number are not begun.
 */
public final class Constraints {
    private Constraints() {}

    /**
     * Whether all hold.
     *
     * @param placed the app's instances that have an agent
     * @param knownValues for a field, the values seen on agents lately
     */
    public static boolean satisfied(
            List<Constraint> constraints,
            Agent agent,
            Collection<Instance> placed,
            Function<String, Collection<String>> knownValues) {
        for (Constraint c : constraints) {
            String value = valueOf(c.field(), agent);
            if (!satisfied(c, value, placed, knownValues)) {
                return false;
            }
        }
        return true;
    }

    /** The value of a field on an agent; null when it has none. */
    public static @Nullable String valueOf(String field, Agent agent) {
        switch (field) {
            case "hostname":
            case "@hostname":
                return agent.host();
            case "@region":
                return agent.region();
            case "@zone":
                return agent.zone();
            default:
                return agent.attributes().get(field);
        }
    }

    /** By which value an app is spread, so that ending instances keeps it even; empty when it is not spread. */
    public static Optional<Function<Instance, String>> spreadBy(List<Constraint> constraints) {
        return constraints.stream()
                .filter(c -> c.operator() == Operator.GROUP_BY)
                .findFirst()
                .map(c -> instance -> {
                    Agent agent = instance.agent();
                    String value = agent == null ? null : valueOf(c.field(), agent);
                    return value == null ? "" : value;
                });
    }

    private static boolean satisfied(
            Constraint c,
            @Nullable String value,
            Collection<Instance> placed,
            Function<String, Collection<String>> knownValues) {
        if (value == null) {
            return c.operator() == Operator.UNLIKE;
        }
        String wanted = Objects.requireNonNullElse(c.value(), "");
        switch (c.operator()) {
            case UNIQUE:
                return count(c, value, placed) == 0;
            case CLUSTER:
                return wanted.isEmpty() ? sameAsFirst(c, value, placed) : value.equals(wanted);
            case GROUP_BY:
                return evenly(c, value, placed, knownValues.apply(c.field()));
            case LIKE:
                return Pattern.compile(wanted).matcher(value).matches();
            case UNLIKE:
                return !Pattern.compile(wanted).matcher(value).matches();
            case MAX_PER:
                return count(c, value, placed) < Integer.parseInt(wanted);
            case IS:
                return value.equals(asNumber(wanted));
        }
        throw new AssertionError(c.operator());
    }

    private static String asNumber(String text) {
        try {
            return AgentText.number(Double.parseDouble(text));
        } catch (NumberFormatException e) {
            return text;
        }
    }

    private static boolean sameAsFirst(Constraint c, String value, Collection<Instance> placed) {
        for (Instance i : placed) {
            Agent agent = i.agent();
            if (agent != null) {
                return value.equals(valueOf(c.field(), agent));
            }
        }
        return true;
    }

    private static int count(Constraint c, String value, Collection<Instance> placed) {
        return counts(c, placed).getOrDefault(value, 0);
    }

    private static Map<String, Integer> counts(Constraint c, Collection<Instance> placed) {
        Map<String, Integer> counts = new TreeMap<>();
        for (Instance i : placed) {
            Agent agent = i.agent();
            String value = agent == null ? null : valueOf(c.field(), agent);
            if (value != null) {
                counts.merge(value, 1, Integer::sum);
            }
        }
        return counts;
    }

    private static boolean evenly(Constraint c, String value, Collection<Instance> placed, Collection<String> known) {
        Map<String, Integer> counts = counts(c, placed);
        int mine = counts.getOrDefault(value, 0);
        int groups = c.value() == null || c.value().isEmpty() ? 0 : Integer.parseInt(c.value());
        if (groups > 0 && mine == 0 && counts.size() >= groups) {
            return false;
        }
        for (String other : known) {
            boolean open = groups == 0 || counts.containsKey(other) || counts.size() < groups;
            if (open && counts.getOrDefault(other, 0) < mine) {
                return false;
            }
        }
        int fewest = counts.values().stream().mapToInt(Integer::intValue).min().orElse(0);
        boolean mayBeginAnother = groups > 0 && counts.size() < groups;
        return mayBeginAnother ? mine == 0 : mine <= fewest;
    }
}
