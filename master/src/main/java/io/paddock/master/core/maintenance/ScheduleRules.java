package io.paddock.master.core.maintenance;

import io.paddock.common.Rejection;
import io.paddock.proto.registry.MachineRecord;
import io.paddock.proto.v1.MachineID;
import io.paddock.proto.v1.MachineInfo;
import io.paddock.proto.v1.Unavailability;
import io.paddock.proto.v1.maintenance.Schedule;
import io.paddock.proto.v1.maintenance.Window;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/** Which schedules are accepted, and which machines can be taken down or up. Source: maintenance of Mesos. */
public final class ScheduleRules {
    private ScheduleRules() {}

    /** @param machines of the present schedule, by key */
    public static Optional<Rejection> check(String path, Schedule schedule, SortedMap<String, MachineRecord> machines) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < schedule.getWindowsCount(); i++) {
            Window window = schedule.getWindows(i);
            String at = path + ".windows[" + i + "]";
            Optional<Rejection> wrong = checkIds(at + ".machine_ids", window.getMachineIdsList(), seen)
                    .or(() -> checkTime(at + ".unavailability", window.getUnavailability()));
            if (wrong.isPresent()) {
                return wrong;
            }
        }
        for (MachineRecord machine : machines.values()) {
            if (Machines.isDown(machine)
                    && !seen.contains(Machines.key(machine.getInfo().getId()))) {
                return refuse(path + ": " + text(machine.getInfo().getId())
                        + " is down and cannot leave the schedule; stop its maintenance first");
            }
        }
        return Optional.empty();
    }

    /** Machines to be taken down: in the schedule and not down yet. */
    public static Optional<Rejection> checkDown(
            String path, List<MachineID> ids, SortedMap<String, MachineRecord> machines) {
        return checkIds(path, ids, new HashSet<>())
                .or(() -> each(path, ids, id -> {
                    MachineRecord machine = machines.get(Machines.key(id));
                    if (machine == null) {
                        return text(id) + " is not in the maintenance schedule";
                    }
                    return machine.getInfo().getMode() == MachineInfo.Mode.DRAINING
                            ? ""
                            : text(id) + " is down already";
                }));
    }

    /** Machines to be brought up: those that are down. */
    public static Optional<Rejection> checkUp(
            String path, List<MachineID> ids, SortedMap<String, MachineRecord> machines) {
        return checkIds(path, ids, new HashSet<>())
                .or(() -> each(
                        path,
                        ids,
                        id -> Machines.isDown(machines.get(Machines.key(id))) ? "" : text(id) + " is not down"));
    }

    private interface Fault {
        /** What is wrong with a machine; empty when nothing is. */
        String of(MachineID id);
    }

    private static Optional<Rejection> each(String path, List<MachineID> ids, Fault fault) {
        for (int i = 0; i < ids.size(); i++) {
            String wrong = fault.of(ids.get(i));
            if (!wrong.isEmpty()) {
                return refuse(path + "[" + i + "]: " + wrong);
            }
        }
        return Optional.empty();
    }

    private static Optional<Rejection> checkIds(String path, List<MachineID> ids, Set<String> seen) {
        if (ids.isEmpty()) {
            return refuse(path + ": must not be empty");
        }
        return each(path, ids, id -> {
            if (id.getHostname().isEmpty() && id.getIp().isEmpty()) {
                return "hostname or ip must be set";
            }
            if (id.getHostname().contains("|") || id.getHostname().length() > 255) {
                return "hostname '" + id.getHostname() + "' is not the name of a host";
            }
            if (!id.getIp().isEmpty() && !Machines.isAddress(id.getIp())) {
                return "ip '" + id.getIp() + "' is not an address";
            }
            return seen.add(Machines.key(id)) ? "" : text(id) + " is given twice";
        });
    }

    private static Optional<Rejection> checkTime(String path, Unavailability unavailability) {
        return unavailability.getDuration().getNanoseconds() < 0
                ? refuse(path + ".duration: must not be negative, but is "
                        + unavailability.getDuration().getNanoseconds() + " ns")
                : Optional.empty();
    }

    private static String text(MachineID id) {
        String both = id.getHostname().isEmpty() || id.getIp().isEmpty() ? "" : " / ";
        return "machine '" + id.getHostname() + both + id.getIp() + "'";
    }

    private static Optional<Rejection> refuse(String message) {
        return Optional.of(Rejection.invalid(message));
    }
}
