package io.paddock.master.server.read;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paddock.common.resources.Disk;
import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.common.resources.Reservation;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.Count;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.master.core.snapshot.MaintenanceView;
import io.paddock.master.core.snapshot.Tally;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.maintenance.ClusterStatus;
import io.paddock.proto.v1.maintenance.Schedule;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RolesViewTest {
    private static final Resources VOLUME = Resources.of(
            new ResourceKey(
                    "disk",
                    List.of(new Reservation(Reservation.Type.DYNAMIC, "db", null, List.of())),
                    new Disk(new Disk.Persistence("v", null), new Disk.Volume("RW", "data", null), null),
                    false,
                    true,
                    null,
                    null),
            Scalar.of(100));
    private static final Resources WITH_CPU = Resources.parse("cpus:1").plus(VOLUME);

    @Test
    void aSharedVolumeCountsOnceForAllFrameworksOfARole() throws IOException {
        JsonNode role =
                firstRole(framework("one", "db", WITH_CPU, VOLUME), framework("two", "db", WITH_CPU, Resources.EMPTY));
        assertThat(role.at("/allocated/cpus").doubleValue()).isEqualTo(2);
        assertThat(role.at("/allocated/disk").doubleValue()).isEqualTo(100);
        assertThat(role.at("/offered/disk").doubleValue()).isEqualTo(100);
        assertThat(role.at("/resources/disk").doubleValue()).isEqualTo(100);
    }

    @Test
    void whatRolesBelowHoldIsOfTheirParentsToo() throws IOException {
        JsonNode role = firstRole(
                framework("one", "db", WITH_CPU, Resources.EMPTY),
                framework("two", "db/child", Resources.parse("cpus:1;disk:7"), Resources.EMPTY));
        assertThat(role.at("/allocated/cpus").doubleValue()).isEqualTo(2);
        assertThat(role.at("/allocated/disk").doubleValue()).isEqualTo(107);
    }

    private static JsonNode firstRole(FrameworkView... frameworks) throws IOException {
        ClusterSnapshot snapshot = new ClusterSnapshot(
                MasterInfo.getDefaultInstance(),
                Instant.EPOCH,
                Instant.EPOCH,
                List.of(),
                List.of(),
                Map.of(),
                new TreeMap<>(),
                new TreeMap<>(),
                List.of(frameworks),
                List.of(),
                new TreeMap<>(),
                new TreeMap<>(),
                new MaintenanceView(Schedule.getDefaultInstance(), ClusterStatus.getDefaultInstance(), List.of()),
                null,
                new Tally(new long[Count.values().length]));
        StringWriter text = new StringWriter();
        try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
            new RolesView(snapshot).write(out);
        }
        JsonNode role = new ObjectMapper().readTree(text.toString()).at("/roles/0");
        assertThat(role.path("name").textValue()).isEqualTo("db");
        return role;
    }

    private static FrameworkView framework(String id, String role, Resources used, Resources offered) {
        return new FrameworkView(
                FrameworkInfo.newBuilder()
                        .setUser("root")
                        .setName(id)
                        .setId(FrameworkID.newBuilder().setValue(id))
                        .build(),
                List.of(role),
                List.of(),
                null,
                true,
                true,
                false,
                used.allocatedTo(role),
                offered.allocatedTo(role),
                Instant.EPOCH,
                null,
                null,
                null,
                List.of(),
                List.of());
    }
}
