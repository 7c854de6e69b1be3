package io.paddock.agent.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.paddock.common.resources.Names;
import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Ranges;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.Resource;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Resources as the older endpoints show them: flat objects, and full messages with both reservation formats. */
final class LegacyResources {
    private static final List<String> ALWAYS = List.of("cpus", "gpus", "mem", "disk");

    private LegacyResources() {}

    /** {@code {"cpus":2.0,…,"ports":"[31000-31001]"}}; revocable amounts with a suffix. */
    static void flat(JsonGenerator out, Resources resources) throws IOException {
        Map<String, Quantity> sums = new TreeMap<>();
        for (Map.Entry<ResourceKey, Quantity> e : resources.amounts().entrySet()) {
            String name = e.getKey().name() + (e.getKey().revocable() ? "_revocable" : "");
            sums.merge(name, e.getValue(), Quantity::plus);
        }
        out.writeStartObject();
        for (String name : ALWAYS) {
            out.writeNumberField(name, sums.remove(name) instanceof Quantity.Scalar scalar ? scalar.value() : 0.0);
        }
        for (Map.Entry<String, Quantity> e : sums.entrySet()) {
            if (e.getValue() instanceof Quantity.Scalar scalar) {
                out.writeNumberField(e.getKey(), scalar.value());
            } else if (e.getValue() instanceof Ranges ranges) {
                out.writeStringField(e.getKey(), text(ranges));
            } else if (e.getValue() instanceof Names names) {
                out.writeStringField(e.getKey(), "{" + String.join(", ", names.items()) + "}");
            }
        }
        out.writeEndObject();
    }

    private static String text(Ranges ranges) {
        return ranges.ranges().stream().map(r -> r.begin() + "-" + r.end()).collect(Collectors.joining(", ", "[", "]"));
    }

    /** Reserved amounts by the role they are reserved to. */
    static Map<String, Resources> byRole(Resources resources) {
        Map<String, Resources> roles = new TreeMap<>();
        resources
                .reserved()
                .amounts()
                .forEach(
                        (key, quantity) -> roles.merge(key.reservedTo(), Resources.of(key, quantity), Resources::plus));
        return roles;
    }

    /** Messages; those with one reservation also in the old format. */
    @SuppressWarnings("deprecation") // readers of the old format exist
    static void full(JsonGenerator out, Resources resources) throws IOException {
        out.writeStartArray();
        for (Resource resource : ResourceMessages.toMessages(resources)) {
            Resource.Builder both = resource.toBuilder();
            if (resource.getReservationsCount() == 0) {
                both.setRole("*");
            } else if (resource.getReservationsCount() == 1) {
                Resource.ReservationInfo reservation = resource.getReservations(0);
                both.setRole(reservation.getRole());
                if (reservation.getType() == Resource.ReservationInfo.Type.DYNAMIC) {
                    both.setReservation(reservation.toBuilder().clearRole().clearType());
                }
            }
            JsonCodec.write(both.build(), out);
        }
        out.writeEndArray();
    }
}
