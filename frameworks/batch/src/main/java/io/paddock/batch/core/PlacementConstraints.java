package io.paddock.batch.core;

import io.paddock.batch.core.RunSpec.Constraint;
import io.paddock.proto.v1.Attribute;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Value;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Whether an offer satisfies the placement constraints of a run. Besides attributes, {@code hostname}, {@code @region} and
 * {@code @zone} can be named. LIKE and UNLIKE match the whole value with a regular expression; an agent without the
 * attribute is unlike everything.
 */
final class PlacementConstraints {
    private PlacementConstraints() {}

    /** The first constraint not satisfied. */
    static Optional<String> unmet(List<Constraint> constraints, Offer offer) {
        return constraints.stream()
                .filter(constraint -> !satisfied(constraint, offer))
                .map(constraint -> constraint.attribute() + " " + constraint.operator() + " " + constraint.value())
                .findFirst();
    }

    private static boolean satisfied(Constraint constraint, Offer offer) {
        String wanted = constraint.value();
        if (wanted == null) {
            return true;
        }
        Optional<String> actual = value(constraint.attribute(), offer);
        return switch (constraint.operator()) {
            case IS -> actual.filter(wanted::equals).isPresent();
            case LIKE -> actual.filter(text -> Pattern.matches(wanted, text)).isPresent();
            case UNLIKE -> actual.filter(text -> Pattern.matches(wanted, text)).isEmpty();
        };
    }

    private static Optional<String> value(String name, Offer offer) {
        return switch (name) {
            case "hostname", "@hostname" -> Optional.of(offer.getHostname());
            case "@region" ->
                offer.getDomain().hasFaultDomain()
                        ? Optional.of(
                                offer.getDomain().getFaultDomain().getRegion().getName())
                        : Optional.empty();
            case "@zone" ->
                offer.getDomain().hasFaultDomain()
                        ? Optional.of(
                                offer.getDomain().getFaultDomain().getZone().getName())
                        : Optional.empty();
            default ->
                offer.getAttributesList().stream()
                        .filter(attribute -> attribute.getName().equals(name))
                        .findFirst()
                        .map(PlacementConstraints::text);
        };
    }

    private static String text(Attribute attribute) {
        return switch (attribute.getType()) {
            case TEXT -> attribute.getText().getValue();
            case SCALAR -> number(attribute.getScalar().getValue());
            case RANGES ->
                attribute.getRanges().getRangeList().stream()
                        .map(range -> range.getBegin() + "-" + range.getEnd())
                        .collect(Collectors.joining(",", "[", "]"));
            case SET -> set(attribute.getSet());
        };
    }

    private static String set(Value.Set set) {
        return String.join(",", set.getItemList());
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
