package io.paddock.platform.security;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How fast principals may call, in the JSON of Mesos: {@code {"limits":[{"principal":"p","qps":50,"capacity":1000}],
 * "aggregate_default_qps":300,"aggregate_default_capacity":5000}}.
 *
 * @param byPrincipal of those named; a principal without a limit may call as fast as it likes
 * @param others what all that are not named share; absent: no limit
 */
public record RateLimits(Map<String, Optional<Limit>> byPrincipal, Optional<Limit> others) {
    /** Nobody is limited. */
    public static final RateLimits NONE = new RateLimits(Map.of(), Optional.empty());

    /** Where the file names none: waiting calls cost memory. */
    private static final long DEFAULT_CAPACITY = 10_000;

    /**
     * A rate.
     *
     * @param callsPerSecond more than 0
     * @param capacity most calls that may wait for their turn
     */
    public record Limit(double callsPerSecond, long capacity) {}

    /** @throws IllegalArgumentException naming the field that does not fit */
    public static RateLimits parse(byte[] json) {
        JsonFields fields = JsonFields.of(json);
        fields.only("", Set.of("limits", "aggregate_default_qps", "aggregate_default_capacity"));
        Map<String, Optional<Limit>> byPrincipal = new LinkedHashMap<>();
        JsonNode list = fields.node().path("limits");
        if (!list.isMissingNode() && !list.isArray()) {
            throw new IllegalArgumentException("limits: expected a list");
        }
        for (int i = 0; i < list.size(); i++) {
            String path = "limits[" + i + "].";
            JsonFields entry = new JsonFields(list.get(i));
            entry.only(path, Set.of("principal", "qps", "capacity"));
            JsonNode principal = entry.node().path("principal");
            if (!principal.isTextual()) {
                throw new IllegalArgumentException(path + "principal: expected a string");
            }
            if (byPrincipal.put(principal.textValue(), limit(entry.node(), path, "qps", "capacity")) != null) {
                throw new IllegalArgumentException(path + "principal: '" + principal.textValue() + "' is named twice");
            }
        }
        return new RateLimits(
                byPrincipal, limit(fields.node(), "", "aggregate_default_qps", "aggregate_default_capacity"));
    }

    private static Optional<Limit> limit(JsonNode node, String path, String rate, String most) {
        JsonNode qps = node.path(rate);
        JsonNode capacity = node.path(most);
        if (qps.isMissingNode()) {
            if (!capacity.isMissingNode()) {
                throw new IllegalArgumentException(path + most + ": needs " + rate);
            }
            return Optional.empty();
        }
        if (!qps.isNumber() || !(qps.doubleValue() > 0)) {
            throw new IllegalArgumentException(path + rate + ": expected a number of more than 0");
        }
        if (!capacity.isMissingNode() && (!capacity.canConvertToLong() || capacity.longValue() < 0)) {
            throw new IllegalArgumentException(path + most + ": expected a whole number of at least 0");
        }
        return Optional.of(
                new Limit(qps.doubleValue(), capacity.isMissingNode() ? DEFAULT_CAPACITY : capacity.longValue()));
    }
}
