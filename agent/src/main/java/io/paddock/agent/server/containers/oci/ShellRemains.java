package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.cgroups.Cgroups;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.agent.server.containers.tools.Processes.Origin;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Ends what {@link KeptShell}s leave behind. A shell, and what it starts, is in one session of its own unless it leaves that;
 * what earlier runs have left in it on purpose is older than the run that is to be ended.
 */
final class ShellRemains {
    private static final long NANOS_PER_TICK = TimeUnit.MILLISECONDS.toNanos(10);
    /** What is killed may be starting another process just then. */
    private static final int MOST_ROUNDS = 5;

    private final Cgroups cgroups;
    private final Groups groups;

    ShellRemains(Cgroups cgroups, Groups groups) {
        this.cgroups = cgroups;
        this.groups = groups;
    }

    /** The session of the shell of this name, which has no other; 0 when there is no such shell. */
    long session(ContainerRecord record, String name) throws IOException {
        return Processes.origins(cgroups.processes(groups.of(record))).stream()
                .filter(each -> name.equals(KeptShell.name(Processes.arguments(each.pid()))))
                .mapToLong(Origin::session)
                .findFirst()
                .orElse(0);
    }

    /** Kills the shells of a session and what they have started since a time of {@link System#nanoTime}. */
    void kill(ContainerRecord record, long session, long sinceNanos) throws IOException {
        if (session != 0) {
            long since = Processes.nowTicks() - (System.nanoTime() - sinceNanos) / NANOS_PER_TICK - 1;
            kill(record, each -> each.session() == session && (each.startTicks() >= since || isShell(each)));
        }
    }

    /** Kills the shells that an earlier agent has left in a container: those that still run something. */
    void kill(ContainerRecord record) throws IOException {
        kill(record, ShellRemains::isShell);
    }

    private static boolean isShell(Origin process) {
        return KeptShell.name(Processes.arguments(process.pid())) != null;
    }

    private void kill(ContainerRecord record, Predicate<Origin> first) throws IOException {
        for (int i = 0; i < MOST_ROUNDS; i++) {
            List<Origin> living = Processes.origins(cgroups.processes(groups.of(record)));
            Map<Long, Origin> doomed = new HashMap<>();
            living.stream().filter(first).forEach(each -> doomed.put(each.pid(), each));
            if (doomed.isEmpty()) {
                return;
            }
            int known;
            do {
                known = doomed.size();
                living.stream()
                        .filter(each -> doomed.containsKey(each.parent()))
                        .forEach(each -> doomed.put(each.pid(), each));
            } while (doomed.size() > known);
            doomed.values().forEach(each -> each.identity().kill());
        }
    }
}
