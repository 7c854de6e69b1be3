package io.paddock.cli;

import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Resources;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Amounts of resources as an operator writes them: {@code cpus=8,mem=64g,ports=[31000-31005]}. Mesos' form
 * {@code cpus:8;mem:65536} does as well; {@code mem} and {@code disk} are in MB or have a unit.
 */
final class Amounts implements ITypeConverter<Resources> {
    private static final Pattern BETWEEN = Pattern.compile("[,;](?![^\\[{]*[\\]}])");

    @Override
    public Resources convert(String text) {
        StringJoiner mesos = new StringJoiner(";");
        for (String part : BETWEEN.split(text)) {
            String[] pair = part.split("[=:]", 2);
            if (pair.length < 2 || pair[0].isBlank() || pair[1].isBlank()) {
                throw new TypeConversionException("'" + part + "' is not an amount such as cpus=2 or mem=512m");
            }
            String name = pair[0].strip();
            boolean size = name.equals("mem") || name.equals("disk");
            mesos.add(name + ":" + (size ? new RunFlags.Megabytes().convert(pair[1].strip()) : pair[1].strip()));
        }
        try {
            return Resources.parse(mesos.toString());
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    /** By name. Quotas have no others than numbers. */
    static Map<String, Double> numbers(String flag, Resources amounts) {
        Map<String, Double> numbers = new TreeMap<>();
        amounts.amounts().forEach((key, amount) -> {
            if (!(amount instanceof Quantity.Scalar)) {
                throw new IllegalArgumentException(flag + ": " + key.name() + " must be a number, not " + amount);
            }
            numbers.put(key.name(), amounts.scalar(key.name()));
        });
        return numbers;
    }
}
