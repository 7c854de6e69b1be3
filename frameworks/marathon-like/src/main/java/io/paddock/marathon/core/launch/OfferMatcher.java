package io.paddock.marathon.core.launch;

import io.paddock.common.resources.Resources;
import io.paddock.marathon.core.instance.Agent;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Container.PortMapping;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Whether one instance of an app fits into what an offer has left, and if not, why. */
public final class OfferMatcher {
    /**
     * The answer.
     *
     * @param mismatches why not; empty when it fits
     * @param taken the resources of the task
     * @param left what the offer still has afterwards
     * @param hostPorts for each declared port the host's port, or 0 where none is wanted
     */
    public record Match(Set<Mismatch> mismatches, Resources taken, Resources left, List<Integer> hostPorts) {
        static Match no(Set<Mismatch> why, Resources left) {
            return new Match(why, Resources.EMPTY, left, List.of());
        }

        public boolean fits() {
            return mismatches.isEmpty();
        }
    }

    /**
     * What is offered.
     *
     * @param role the role it is offered to
     * @param unavailable whether maintenance of the agent has begun
     * @param left what has not been taken by earlier matches
     */
    public record Offered(Agent agent, String role, boolean unavailable, Resources left) {}

    private OfferMatcher() {}

    /**
     * Tries one instance.
     *
     * @param placed the app's instances that have an agent
     * @param knownValues for a constraint's field, the values seen on agents lately
     * @param seed decides which dynamic ports are taken
     */
    public static Match match(
            App app,
            Offered offer,
            Collection<Instance> placed,
            Function<String, Collection<String>> knownValues,
            long seed) {
        if (!offer.role().equals(app.placement().role())) {
            return Match.no(EnumSet.of(Mismatch.UNFULFILLED_ROLE), offer.left());
        }
        if (!Constraints.satisfied(app.placement().constraints(), offer.agent(), placed, knownValues)) {
            return Match.no(EnumSet.of(Mismatch.UNFULFILLED_CONSTRAINT), offer.left());
        }
        if (offer.unavailable()) {
            return Match.no(EnumSet.of(Mismatch.AGENT_MAINTENANCE), offer.left());
        }
        ResourcePicker picker = new ResourcePicker(offer.left(), app.placement()::accepts);
        Set<Mismatch> mismatches = EnumSet.noneOf(Mismatch.class);
        takeScalars(app, picker, mismatches);
        List<Integer> ports = takePorts(app, picker, seed, mismatches);
        if (app.sizing().gpus() == 0 && offer.left().scalar("gpus") > 0 && !usesGpuAgents(app)) {
            mismatches.add(Mismatch.DECLINED_SCARCE_RESOURCES);
        }
        return mismatches.isEmpty()
                ? new Match(mismatches, picker.taken(), picker.left(), ports)
                : Match.no(mismatches, offer.left());
    }

    private static void takeScalars(App app, ResourcePicker picker, Set<Mismatch> mismatches) {
        boolean custom = !app.command().usesBuiltInExecutor();
        double extraCpus = custom ? app.command().executorResources().cpus() : 0;
        double extraMem = custom ? app.command().executorResources().mem() : 0;
        double extraDisk = custom ? app.command().executorResources().disk() : 0;
        if (!picker.takeScalar("cpus", app.sizing().cpus() + extraCpus)) {
            mismatches.add(Mismatch.INSUFFICIENT_CPUS);
        }
        if (!picker.takeScalar("mem", app.sizing().mem() + extraMem)) {
            mismatches.add(Mismatch.INSUFFICIENT_MEMORY);
        }
        if (!picker.takeScalar("disk", app.sizing().disk() + extraDisk)) {
            mismatches.add(Mismatch.INSUFFICIENT_DISK);
        }
        if (!picker.takeScalar("gpus", app.sizing().gpus())) {
            mismatches.add(Mismatch.INSUFFICIENT_GPUS);
        }
    }

    private static boolean usesGpuAgents(App app) {
        return "unrestricted".equalsIgnoreCase(app.labels().getOrDefault("GPU_SCHEDULING_BEHAVIOR", ""));
    }

    private static List<Integer> takePorts(App app, ResourcePicker picker, long seed, Set<Mismatch> mismatches) {
        List<Integer> wanted = wantedHostPorts(app);
        List<Integer> taken = new ArrayList<>(wanted);
        for (int i = 0; i < wanted.size(); i++) {
            if (wanted.get(i) > 0 && !picker.takePort(wanted.get(i))) {
                mismatches.add(Mismatch.INSUFFICIENT_PORTS);
            }
        }
        for (int i = 0; i < wanted.size(); i++) {
            if (wanted.get(i) == ANY) {
                taken.set(i, picker.takeAnyPort(seed).orElse(ANY));
                if (taken.get(i) == ANY) {
                    mismatches.add(Mismatch.INSUFFICIENT_PORTS);
                }
            }
        }
        return taken;
    }

    private static final int ANY = -1;
    private static final int NO_PORT = 0;

    /** For each declared port: a fixed number, ANY, or NO_PORT. */
    private static List<Integer> wantedHostPorts(App app) {
        List<Integer> wanted = new ArrayList<>();
        if (app.networking().isHost()) {
            app.networking()
                    .portDefinitions()
                    .forEach(p -> wanted.add(app.networking().requirePorts() && p.port() > 0 ? p.port() : ANY));
        } else {
            for (PortMapping m : app.container().portMappings()) {
                Integer host = m.hostPort();
                wanted.add(host == null ? NO_PORT : host == 0 ? ANY : host);
            }
        }
        return wanted;
    }

    /** Whether maintenance planned for an agent has begun. */
    public static boolean isUnavailable(boolean hasUnavailability, long startNanos, Instant now) {
        return hasUnavailability && !Instant.EPOCH.plusNanos(startNanos).isAfter(now);
    }
}
