package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.proto.v1.Environment;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much of a container's output is kept.
 *
 * @param bytes beyond this a file is rotated
 * @param files how many rotated ones are kept
 */
public record OutputBound(long bytes, int files) {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12})\\s*(B|KB|MB|GB)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern ROTATE = Pattern.compile("\\brotate\\s+(\\d{1,4})\\b");

    /**
     * What a task asks for with the variables of Mesos' rotating logger, {@code CONTAINER_LOGGER_MAX_STDOUT_SIZE} and {@code
     * CONTAINER_LOGGER_LOGROTATE_STDOUT_OPTIONS} (its {@code rotate N}), as far as this bound allows it.
     */
    OutputBound askedBy(ContainerSpec spec, String name) {
        if (spec.command().isEmpty()) {
            return this;
        }
        String stream = name.toUpperCase(Locale.ROOT);
        long wantedBytes = bytes;
        int wantedFiles = files;
        for (Environment.Variable variable :
                spec.command().get().getEnvironment().getVariablesList()) {
            if (variable.getName().equals("CONTAINER_LOGGER_MAX_" + stream + "_SIZE")) {
                wantedBytes = Math.min(bytes, size(variable.getValue(), bytes));
            } else if (variable.getName().equals("CONTAINER_LOGGER_LOGROTATE_" + stream + "_OPTIONS")) {
                Matcher rotate = ROTATE.matcher(variable.getValue());
                wantedFiles = rotate.find() ? Math.min(files, Integer.parseInt(rotate.group(1))) : files;
            }
        }
        return new OutputBound(wantedBytes, wantedFiles);
    }

    private static long size(String text, long otherwise) {
        Matcher size = SIZE.matcher(text.strip());
        if (!size.matches()) {
            return otherwise;
        }
        String unit = size.group(2) == null ? "B" : size.group(2).toUpperCase(Locale.ROOT);
        int shift =
                switch (unit) {
                    case "KB" -> 10;
                    case "MB" -> 20;
                    case "GB" -> 30;
                    default -> 0;
                };
        return Math.max(1, Long.parseLong(size.group(1)) << shift);
    }
}
