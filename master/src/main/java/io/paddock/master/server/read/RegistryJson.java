package io.paddock.master.server.read;

import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.Message;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.MaintenanceView;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.MachineID;
import io.paddock.proto.v1.MachineInfo;
import io.paddock.proto.v1.TimeInfo;
import io.paddock.proto.v1.WeightInfo;
import io.paddock.proto.v1.maintenance.Window;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;

/**
 * {@code /registrar(1)/registry}: what outlives the master, in the form of Mesos' registry. Frameworks, which Mesos does
 * not keep, are left out.
 */
final class RegistryJson {
    private RegistryJson() {}

    static void write(JsonGenerator out, ClusterSnapshot snapshot) throws IOException {
        out.writeStartObject();
        out.writeObjectFieldStart("master");
        message(out, "info", snapshot.master());
        out.writeEndObject();
        agents(out, snapshot);
        left(out, "unreachable", snapshot.unreachableAgents());
        left(out, "gone", snapshot.goneAgents());
        machines(out, snapshot.maintenance());
        out.writeArrayFieldStart("schedules");
        if (snapshot.maintenance().schedule().getWindowsCount() > 0) {
            JsonCodec.write(snapshot.maintenance().schedule(), out);
        }
        out.writeEndArray();
        messages(out, "quota_configs", snapshot.quotas().values());
        weights(out, snapshot.weights());
        out.writeEndObject();
    }

    private static void agents(JsonGenerator out, ClusterSnapshot snapshot) throws IOException {
        out.writeObjectFieldStart("slaves");
        out.writeArrayFieldStart("slaves");
        for (AgentView agent : snapshot.agents()) {
            out.writeStartObject();
            message(out, "info", agent.info());
            if (agent.drain() != null) {
                message(out, "drain_info", agent.drain());
            }
            out.writeBooleanField("deactivated", agent.deactivated());
            out.writeEndObject();
        }
        for (AgentInfo agent : snapshot.recoveredAgents()) {
            out.writeStartObject();
            message(out, "info", agent);
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private static void left(JsonGenerator out, String field, SortedMap<String, Instant> agents) throws IOException {
        out.writeObjectFieldStart(field);
        out.writeArrayFieldStart("slaves");
        for (Map.Entry<String, Instant> agent : agents.entrySet()) {
            Instant since = agent.getValue();
            out.writeStartObject();
            message(out, "id", AgentID.newBuilder().setValue(agent.getKey()).build());
            message(
                    out,
                    "timestamp",
                    TimeInfo.newBuilder()
                            .setNanoseconds(since.getEpochSecond() * 1_000_000_000L + since.getNano())
                            .build());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private static void machines(JsonGenerator out, MaintenanceView maintenance) throws IOException {
        out.writeObjectFieldStart("machines");
        out.writeArrayFieldStart("machines");
        for (Window window : maintenance.schedule().getWindowsList()) {
            for (MachineID machine : window.getMachineIdsList()) {
                boolean down = maintenance.status().getDownMachinesList().contains(machine);
                out.writeStartObject();
                message(
                        out,
                        "info",
                        MachineInfo.newBuilder()
                                .setId(machine)
                                .setMode(down ? MachineInfo.Mode.DOWN : MachineInfo.Mode.DRAINING)
                                .setUnavailability(window.getUnavailability())
                                .build());
                out.writeEndObject();
            }
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private static void weights(JsonGenerator out, SortedMap<String, Double> weights) throws IOException {
        out.writeArrayFieldStart("weights");
        for (Map.Entry<String, Double> weight : weights.entrySet()) {
            out.writeStartObject();
            message(
                    out,
                    "info",
                    WeightInfo.newBuilder()
                            .setRole(weight.getKey())
                            .setWeight(weight.getValue())
                            .build());
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private static void message(JsonGenerator out, String field, Message message) throws IOException {
        out.writeFieldName(field);
        JsonCodec.write(message, out);
    }

    private static void messages(JsonGenerator out, String field, Collection<? extends Message> messages)
            throws IOException {
        out.writeArrayFieldStart(field);
        for (Message message : messages) {
            JsonCodec.write(message, out);
        }
        out.writeEndArray();
    }
}
