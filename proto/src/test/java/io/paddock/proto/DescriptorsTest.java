package io.paddock.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Our messages are those of Mesos: the same names, numbers, types, labels, defaults and oneofs, nothing missing, and nothing
 * more but what is listed here.
 */
class DescriptorsTest {
    private static final List<FileDescriptor> FILES = List.of(
            io.paddock.proto.v1.Protos.getDescriptor(),
            io.paddock.proto.v1.agent.Protos.getDescriptor(),
            io.paddock.proto.v1.allocator.Protos.getDescriptor(),
            io.paddock.proto.v1.executor.Protos.getDescriptor(),
            io.paddock.proto.v1.maintenance.Protos.getDescriptor(),
            io.paddock.proto.v1.master.Protos.getDescriptor(),
            io.paddock.proto.v1.quota.Protos.getDescriptor(),
            io.paddock.proto.v1.resource_provider.Protos.getDescriptor(),
            io.paddock.proto.v1.scheduler.Protos.getDescriptor());

    /** Messages of ours, with all in them, and numbers of ours in messages of Mesos. */
    private static final List<String> OURS = List.of(
            "MSG|mesos.v1.master|Call.ExplainOffers|",
            "FIELD|mesos.v1.master|Call.ExplainOffers|",
            "FIELD|mesos.v1.master|Call|explain_offers|1001|",
            "VALUE|mesos.v1.master|Call.Type|EXPLAIN_OFFERS|1001|",
            "MSG|mesos.v1.master|Response.GetAgents.PendingRemoval|",
            "FIELD|mesos.v1.master|Response.GetAgents.PendingRemoval|",
            "FIELD|mesos.v1.master|Response.GetAgents|pending_removals|1001|",
            "MSG|mesos.v1.master|Response.ExplainOffers",
            "FIELD|mesos.v1.master|Response.ExplainOffers",
            "FIELD|mesos.v1.master|Response|explain_offers|1001|",
            "VALUE|mesos.v1.master|Response.Type|EXPLAIN_OFFERS|1001|");

    @Test
    void areThoseOfMesos() throws IOException {
        TreeSet<String> expected = new TreeSet<>();
        for (String line : table().split("\n")) {
            String[] columns = line.split("\t", -1);
            if (List.of("MSG", "FIELD", "ENUM", "VALUE").contains(columns[0])) {
                expected.add(row(columns));
            }
        }
        TreeSet<String> actual = new TreeSet<>();
        for (FileDescriptor file : FILES) {
            file.getMessageTypes().forEach(message -> addMessage(message, actual));
            file.getEnumTypes().forEach(type -> addEnum(type, actual));
        }
        assertThat(expected).hasSizeGreaterThan(1_700);
        assertThat(missing(expected, actual)).as("in Mesos but not here").isEmpty();
        List<String> more = missing(actual, expected);
        assertThat(more)
                .as("here but not in Mesos")
                .allMatch(row -> OURS.stream().anyMatch(row::startsWith));
        assertThat(OURS)
                .as("every exception is needed")
                .allMatch(ours -> more.stream().anyMatch(row -> row.startsWith(ours)));
    }

    private static String row(String[] columns) {
        List<String> kept = new ArrayList<>();
        for (int i : new int[] {0, 1, 3, 4, 5, 6, 8, 9, 10, 11}) {
            kept.add(i < columns.length ? columns[i].strip() : "");
        }
        return String.join("|", kept);
    }

    private static List<String> missing(TreeSet<String> in, TreeSet<String> from) {
        return in.stream().filter(row -> !from.contains(row)).toList();
    }

    private static void addMessage(Descriptor message, TreeSet<String> rows) {
        if (message.getOptions().getMapEntry()) {
            return;
        }
        String name = withinPackage(message.getFullName(), message.getFile());
        rows.add(row(new String[] {"MSG", message.getFile().getPackage(), "", name}));
        for (FieldDescriptor field : message.getFields()) {
            rows.add(row(new String[] {
                "FIELD",
                message.getFile().getPackage(),
                "",
                name,
                field.getName(),
                Integer.toString(field.getNumber()),
                typeName(field),
                "",
                label(field),
                defaultText(field),
                field.getRealContainingOneof() == null
                        ? ""
                        : field.getRealContainingOneof().getName(),
                field.getOptions().getDeprecated() ? "deprecated=true" : ""
            }));
        }
        message.getNestedTypes().forEach(nested -> addMessage(nested, rows));
        message.getEnumTypes().forEach(nested -> addEnum(nested, rows));
    }

    private static void addEnum(EnumDescriptor type, TreeSet<String> rows) {
        String name = withinPackage(type.getFullName(), type.getFile());
        rows.add(row(new String[] {"ENUM", type.getFile().getPackage(), "", name}));
        for (EnumValueDescriptor value : type.getValues()) {
            rows.add(row(new String[] {
                "VALUE",
                type.getFile().getPackage(),
                "",
                name,
                value.getName(),
                Integer.toString(value.getNumber()),
                "",
                "",
                "",
                "",
                "",
                value.getOptions().getDeprecated() ? "deprecated=true" : ""
            }));
        }
    }

    private static String typeName(FieldDescriptor field) {
        if (field.isMapField()) {
            return "map<" + typeName(field.getMessageType().findFieldByName("key")) + ","
                    + typeName(field.getMessageType().findFieldByName("value")) + ">";
        }
        return switch (field.getJavaType()) {
            case MESSAGE -> field.getMessageType().getFullName();
            case ENUM -> field.getEnumType().getFullName();
            default -> field.getType().name().toLowerCase(Locale.ROOT);
        };
    }

    private static String label(FieldDescriptor field) {
        return field.isRepeated() ? "repeated" : field.isRequired() ? "required" : "optional";
    }

    private static String defaultText(FieldDescriptor field) {
        if (!field.hasDefaultValue()) {
            return "";
        }
        Object value = field.getDefaultValue();
        return value instanceof EnumValueDescriptor e
                ? e.getName()
                : value instanceof String s ? '"' + s + '"' : value.toString();
    }

    private static String withinPackage(String fullName, FileDescriptor file) {
        return fullName.substring(file.getPackage().length() + 1);
    }

    private static String table() throws IOException {
        try (InputStream in = DescriptorsTest.class.getResourceAsStream("/mesos-v1.tsv")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
