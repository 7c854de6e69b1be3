package io.paddock.common.resources;

import io.paddock.common.Roles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text form of resources used by flags, {@code cpus:8;mem(role):1024;ports:[31000-32000];bugs:{a,b}}; in messages also what
 * makes a disk differ from others, {@code disk(role)[MOUNT:/disks/1,id:path]:50}, and {@code {REV}} and {@code <SHARED>}.
 */
final class ResourceText {
    private static final Pattern ITEM = Pattern.compile("([^:(){}\\[\\]\\s]+)(?:\\(([^)]+)\\))?\\s*:\\s*(.+)");
    private static final Pattern RANGE = Pattern.compile("(\\d+)\\s*-\\s*(\\d+)");

    private ResourceText() {}

    static Resources parse(String text) {
        Resources.Builder builder = new Resources.Builder();
        for (String part : text.split(";")) {
            String item = part.trim();
            if (item.isEmpty()) {
                continue;
            }
            Matcher m = ITEM.matcher(item);
            if (!m.matches()) {
                throw new IllegalArgumentException(
                        "'" + item + "' is not a resource; expected name:value, such as cpus:4 or ports:[31000-32000]");
            }
            String role = m.group(2) == null ? Roles.DEFAULT : m.group(2);
            Roles.check(m.group(1), role).ifPresent(r -> {
                throw new IllegalArgumentException(r.message());
            });
            List<Reservation> stack = role.equals(Roles.DEFAULT)
                    ? List.of()
                    : List.of(new Reservation(Reservation.Type.STATIC, role, null, List.of()));
            builder.add(
                    ResourceKey.of(m.group(1)).withReservations(stack),
                    value(m.group(1), m.group(3).trim()));
        }
        return builder.build();
    }

    private static Quantity value(String name, String text) {
        if (text.startsWith("[") && text.endsWith("]")) {
            List<Ranges.Range> ranges = new ArrayList<>();
            for (String part : inside(text)) {
                Matcher m = RANGE.matcher(part);
                if (!m.matches()) {
                    throw new IllegalArgumentException(name + ": '" + part + "' is not a range such as 31000-32000");
                }
                ranges.add(new Ranges.Range(Long.parseLong(m.group(1)), Long.parseLong(m.group(2))));
            }
            return Ranges.of(ranges);
        }
        if (text.startsWith("{") && text.endsWith("}")) {
            return Names.of(new TreeSet<>(inside(text)));
        }
        try {
            double number = Double.parseDouble(text);
            if (!(number >= 0) || Double.isInfinite(number)) {
                throw new IllegalArgumentException(name + ": " + text + " must be a finite number of at least 0");
            }
            return Quantity.Scalar.of(number);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    name + ": '" + text + "' is neither a number, nor ranges [a-b], nor a set {a,b}", e);
        }
    }

    private static List<String> inside(String text) {
        List<String> parts = new ArrayList<>();
        for (String part : text.substring(1, text.length() - 1).split(",")) {
            if (!part.isBlank()) {
                parts.add(part.trim());
            }
        }
        return parts;
    }

    static String format(Resources resources) {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<ResourceKey, Quantity> e : resources.amounts().entrySet()) {
            ResourceKey key = e.getKey();
            text.append(text.length() == 0 ? "" : ";").append(key.name());
            if (!key.reservations().isEmpty()) {
                text.append('(').append(key.reservedTo()).append(')');
            }
            if (key.disk() != null) {
                text.append('[').append(disk(key.disk())).append(']');
            }
            text.append(key.revocable() ? "{REV}" : "").append(key.shared() ? "<SHARED>" : "");
            text.append(':').append(e.getValue());
        }
        return text.toString();
    }

    private static String disk(Disk disk) {
        List<String> parts = new ArrayList<>();
        if (disk.source() != null) {
            Disk.Source source = disk.source();
            String which = source.root() != null ? source.root() : source.id();
            parts.add(which == null ? source.type() : source.type() + ":" + which);
        }
        String id = disk.persistence() == null ? "" : disk.persistence().id();
        if (disk.volume() != null) {
            Disk.Volume volume = disk.volume();
            parts.add(id + ":" + volume.containerPath() + (volume.mode().equals("RO") ? ":ro" : ""));
        } else if (!id.isEmpty()) {
            parts.add(id);
        }
        return String.join(",", parts);
    }
}
