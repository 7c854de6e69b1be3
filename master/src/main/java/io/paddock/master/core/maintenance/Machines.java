package io.paddock.master.core.maintenance;

import io.paddock.proto.registry.MachineRecord;
import io.paddock.proto.v1.MachineID;
import io.paddock.proto.v1.MachineInfo;
import io.paddock.proto.v1.maintenance.Schedule;
import io.paddock.proto.v1.maintenance.Window;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Machines by host name, whatever its case, and address. A machine that has both stands for the agents that have both; one
 * that leaves one of them open stands for all agents that have the other.
 */
public final class Machines {
    private static final Pattern IPV4 =
            Pattern.compile("(25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(25[0-5]|2[0-4]\\d|1?\\d?\\d)){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}");

    private Machines() {}

    /** What two ids of the same machine have in common. */
    public static String key(MachineID id) {
        return key(id.getHostname(), id.getIp());
    }

    private static String key(String hostname, String ip) {
        return hostname.toLowerCase(Locale.ROOT) + "|" + ip.toLowerCase(Locale.ROOT);
    }

    public static boolean isAddress(String text) {
        return IPV4.matcher(text).matches() || IPV6.matcher(text).matches();
    }

    /**
     * The machine in the schedule that an agent is on.
     *
     * @param machines by key
     * @param ip empty when it is not known
     */
    public static @Nullable MachineRecord find(SortedMap<String, MachineRecord> machines, String hostname, String ip) {
        String address = ip.isEmpty() && isAddress(hostname) ? hostname : ip;
        for (String key : List.of(key(hostname, address), key(hostname, ""), key("", address))) {
            MachineRecord found = machines.get(key);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    public static boolean isDown(@Nullable MachineRecord machine) {
        return machine != null && machine.getInfo().getMode() == MachineInfo.Mode.DOWN;
    }

    /** Windows and machines in the order in which they were given. */
    public static Schedule schedule(SortedMap<String, MachineRecord> machines) {
        TreeMap<Integer, List<MachineRecord>> windows = new TreeMap<>();
        machines.values()
                .forEach(machine -> windows.computeIfAbsent(machine.getWindow(), w -> new ArrayList<>())
                        .add(machine));
        Schedule.Builder schedule = Schedule.newBuilder();
        windows.values().forEach(members -> {
            members.sort(Comparator.comparing(MachineRecord::getPosition));
            Window.Builder window = Window.newBuilder()
                    .setUnavailability(members.get(0).getInfo().getUnavailability());
            members.forEach(member -> window.addMachineIds(member.getInfo().getId()));
            schedule.addWindows(window);
        });
        return schedule.build();
    }

    /** A schedule as records; those that are down stay so. */
    public static SortedMap<String, MachineRecord> records(Schedule schedule, SortedMap<String, MachineRecord> before) {
        TreeMap<String, MachineRecord> records = new TreeMap<>();
        for (int window = 0; window < schedule.getWindowsCount(); window++) {
            int position = 0;
            for (MachineID id : schedule.getWindows(window).getMachineIdsList()) {
                MachineInfo.Mode mode = isDown(before.get(key(id))) ? MachineInfo.Mode.DOWN : MachineInfo.Mode.DRAINING;
                records.put(
                        key(id),
                        MachineRecord.newBuilder()
                                .setInfo(MachineInfo.newBuilder()
                                        .setId(id)
                                        .setMode(mode)
                                        .setUnavailability(
                                                schedule.getWindows(window).getUnavailability()))
                                .setWindow(window)
                                .setPosition(position++)
                                .build());
            }
        }
        return records;
    }
}
