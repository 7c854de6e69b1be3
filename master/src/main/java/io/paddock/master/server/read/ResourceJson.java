package io.paddock.master.server.read;

import com.fasterxml.jackson.core.JsonGenerator;
import io.paddock.common.resources.Names;
import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Ranges;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.json.DoubleText;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.Resource;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Resources as the older endpoints print them: one flat object, cpus, gpus, mem and disk always there, ranges and sets as
 * text, revocable scalars with a suffix.
 */
final class ResourceJson {
    private static final List<String> ALWAYS = List.of("cpus", "gpus", "mem", "disk");

    private ResourceJson() {}

    static void field(JsonGenerator out, String name, Resources resources) throws IOException {
        out.writeFieldName(name);
        flat(out, resources);
    }

    static void flat(JsonGenerator out, Resources resources) throws IOException {
        TreeMap<String, Quantity> byName = new TreeMap<>();
        for (Map.Entry<ResourceKey, Quantity> e : resources.amounts().entrySet()) {
            ResourceKey key = e.getKey();
            byName.merge(key.revocable() ? key.name() + "_revocable" : key.name(), e.getValue(), Quantity::plus);
        }
        out.writeStartObject();
        for (String name : ALWAYS) {
            Quantity amount = byName.remove(name);
            number(out, name, amount instanceof Quantity.Scalar scalar ? scalar.value() : 0);
        }
        for (Map.Entry<String, Quantity> e : byName.entrySet()) {
            if (e.getValue() instanceof Quantity.Scalar scalar) {
                number(out, e.getKey(), scalar.value());
            } else if (e.getValue() instanceof Ranges || e.getValue() instanceof Names) {
                out.writeStringField(e.getKey(), e.getValue().toString());
            }
        }
        out.writeEndObject();
    }

    /** Reserved resources by the role they are reserved to, each flat. */
    static void byReservation(JsonGenerator out, String name, Resources resources) throws IOException {
        out.writeObjectFieldStart(name);
        for (String role : reservationRoles(resources)) {
            field(out, role, resources.reserved().filter(key -> key.reservedTo().equals(role)));
        }
        out.writeEndObject();
    }

    /** As {@link #byReservation}, in messages. */
    static void fullByReservation(JsonGenerator out, String name, Resources resources) throws IOException {
        out.writeObjectFieldStart(name);
        for (String role : reservationRoles(resources)) {
            full(out, role, resources.reserved().filter(key -> key.reservedTo().equals(role)));
        }
        out.writeEndObject();
    }

    /** A list of resource messages in both formats where both can say it. */
    static void full(JsonGenerator out, String name, Resources resources) throws IOException {
        out.writeArrayFieldStart(name);
        for (Resource message : ResourceMessages.toEndpointMessages(resources)) {
            JsonCodec.write(message, out);
        }
        out.writeEndArray();
    }

    /** JSON has no infinities: they are texts, as in the v1 API. */
    static void number(JsonGenerator out, String name, double value) throws IOException {
        out.writeFieldName(name);
        if (Double.isFinite(value)) {
            out.writeNumber(DoubleText.of(value));
        } else {
            out.writeString(Double.toString(value));
        }
    }

    private static List<String> reservationRoles(Resources resources) {
        return resources.reserved().amounts().keySet().stream()
                .map(ResourceKey::reservedTo)
                .distinct()
                .sorted()
                .toList();
    }
}
