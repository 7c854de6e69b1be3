package io.paddock.master.core.constraints;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.paddock.master.core.allocator.AgentTraits;
import io.paddock.proto.v1.scheduler.AttributeConstraint;
import io.paddock.proto.v1.scheduler.OfferConstraints;
import io.paddock.proto.v1.scheduler.OfferConstraints.RoleConstraints;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Checks and compiles the offer constraints of one call.
 *
 * <p>A selector finds nothing (empty), something that is no text (an empty text inside), or a text. The comparisons hold for what
 * is no text; their negations hold for nothing too.
 */
public final class ConstraintReader {
    /** Attribute constraints of one framework: what an agent may cost when it is looked at for the first time. */
    static final int MAX_CONSTRAINTS = 1000;
    /** All regular expressions of one framework together may have as many steps as so many of the largest allowed. */
    static final int MAX_LARGE_EXPRESSIONS = 10;

    private static final int BYTES_EACH = 16;

    private final RegexLimits limits;
    private final Map<String, Pattern> patterns = new HashMap<>();
    private int constraints;
    private long steps;
    /** Of the role that is being read. */
    private int cost;

    private ConstraintReader(RegexLimits limits) {
        this.limits = limits;
    }

    /**
     * What the allocator has to ask for each role.
     *
     * @param path of the constraints in the call, for messages
     * @param roles the framework is subscribed to; constraints for others are refused
     * @throws IllegalArgumentException naming the field that does not fit
     */
    public static Map<String, RoleConstraint> read(
            String path, OfferConstraints offered, Collection<String> roles, RegexLimits limits) {
        ConstraintReader reader = new ConstraintReader(limits);
        Map<String, RoleConstraint> read = new TreeMap<>();
        new TreeMap<>(offered.getRoleConstraintsMap()).forEach((role, constraints) -> {
            String at = path + ".role_constraints['" + role + "']";
            if (!roles.contains(role)) {
                throw new IllegalArgumentException(at + ": is not one of the framework's roles " + roles);
            }
            read.put(role, reader.role(at, constraints));
        });
        return read;
    }

    private RoleConstraint role(String path, RoleConstraints constraints) {
        cost = 0;
        requireSome(path + ".groups", constraints.getGroupsCount());
        List<List<Predicate<AgentTraits>>> groups = new ArrayList<>();
        for (int i = 0; i < constraints.getGroupsCount(); i++) {
            String at = path + ".groups[" + i + "].attribute_constraints";
            List<AttributeConstraint> group = constraints.getGroups(i).getAttributeConstraintsList();
            requireSome(at, group.size());
            List<Predicate<AgentTraits>> all = new ArrayList<>();
            for (int j = 0; j < group.size(); j++) {
                all.add(one(at + "[" + j + "]", group.get(j)));
            }
            groups.add(List.copyOf(all));
        }
        return new RoleConstraint(constraints, List.copyOf(groups), cost);
    }

    private static void requireSome(String path, int count) {
        if (count == 0) {
            throw new IllegalArgumentException(
                    path + ": must not be empty; leave the role out to be offered agents without constraints");
        }
    }

    private Predicate<AgentTraits> one(String path, AttributeConstraint constraint) {
        constraints++;
        cost++;
        if (constraints > MAX_CONSTRAINTS) {
            throw new IllegalArgumentException(
                    path + ": one framework may have no more than " + MAX_CONSTRAINTS + " attribute constraints");
        }
        Function<AgentTraits, Optional<Optional<String>>> selected =
                selector(path + ".selector", constraint.getSelector());
        Predicate<Optional<Optional<String>>> holds = predicate(path + ".predicate", constraint.getPredicate());
        return agent -> holds.test(selected.apply(agent));
    }

    private static Function<AgentTraits, Optional<Optional<String>>> selector(
            String path, AttributeConstraint.Selector selector) {
        switch (selector.getSelectorCase()) {
            case ATTRIBUTE_NAME:
                String name = selector.getAttributeName();
                return agent -> Optional.ofNullable(agent.attributes().get(name));
            case PSEUDOATTRIBUTE_TYPE:
                switch (selector.getPseudoattributeType()) {
                    case HOSTNAME:
                        return agent -> Optional.of(Optional.of(agent.hostname()));
                    case REGION:
                        return agent -> Optional.ofNullable(agent.region()).map(Optional::of);
                    case ZONE:
                        return agent -> Optional.ofNullable(agent.zone()).map(Optional::of);
                    case UNKNOWN:
                        break;
                }
                throw new IllegalArgumentException(
                        path + ".pseudoattribute_type: must be HOSTNAME, REGION or ZONE, not "
                                + selector.getPseudoattributeType());
            case SELECTOR_NOT_SET:
                break;
        }
        throw new IllegalArgumentException(
                path + ": exactly one of attribute_name and pseudoattribute_type must be set, known to this master");
    }

    private Predicate<Optional<Optional<String>>> predicate(String path, AttributeConstraint.Predicate predicate) {
        switch (predicate.getPredicateCase()) {
            case EXISTS:
                return Optional::isPresent;
            case NOT_EXISTS:
                return Optional::isEmpty;
            case TEXT_EQUALS:
                return onText(predicate.getTextEquals().getValue()::equals, false);
            case TEXT_NOT_EQUALS:
                String unwanted = predicate.getTextNotEquals().getValue();
                return onText(text -> !text.equals(unwanted), true);
            case TEXT_MATCHES:
                Pattern wanted = compile(
                        path + ".text_matches.regex", predicate.getTextMatches().getRegex());
                return onText(wanted::matches, false);
            case TEXT_NOT_MATCHES:
                Pattern avoided = compile(
                        path + ".text_not_matches.regex",
                        predicate.getTextNotMatches().getRegex());
                return onText(text -> !avoided.matches(text), true);
            case PREDICATE_NOT_SET:
                break;
        }
        throw new IllegalArgumentException(path + ": exactly one predicate known to this master must be set");
    }

    private static Predicate<Optional<Optional<String>>> onText(Predicate<String> holds, boolean forNothing) {
        return found -> found.map(text -> text.map(holds::test).orElse(true)).orElse(forNothing);
    }

    private Pattern compile(String path, String regex) {
        Pattern known = patterns.get(regex);
        if (known != null) {
            cost += known.programSize();
            return known;
        }
        if (RegexSize.exceeds(regex, limits.maxBytes() / BYTES_EACH)) {
            throw new IllegalArgumentException(
                    path + ": the regular expression is too large: written out it needs more than " + limits.maxBytes()
                            + " bytes (--offer-constraints-re2-max-mem)");
        }
        Pattern pattern;
        try {
            pattern = Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(path + ": is not a regular expression: " + e.getMessage(), e);
        }
        if (pattern.programSize() > limits.maxProgramSize()) {
            throw new IllegalArgumentException(path + ": the regular expression is too large: it needs "
                    + pattern.programSize() + " steps, allowed are " + limits.maxProgramSize()
                    + " (--offer-constraints-re2-max-program-size)");
        }
        steps += pattern.programSize();
        cost += pattern.programSize();
        if (steps > (long) limits.maxProgramSize() * MAX_LARGE_EXPRESSIONS) {
            throw new IllegalArgumentException(path + ": all regular expressions of the framework together need "
                    + steps + " steps, allowed are " + (long) limits.maxProgramSize() * MAX_LARGE_EXPRESSIONS);
        }
        patterns.put(regex, pattern);
        return pattern;
    }
}
