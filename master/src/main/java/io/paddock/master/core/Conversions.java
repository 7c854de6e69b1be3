package io.paddock.master.core;

import io.paddock.common.Identifiers;
import io.paddock.common.Roles;
import io.paddock.common.resources.Disk;
import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Reservation;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What RESERVE, UNRESERVE, CREATE, DESTROY, GROW_VOLUME and SHRINK_VOLUME turn into what. Pure arithmetic on resources;
 * whether they are there to be converted is checked by the caller.
 */
final class Conversions {
    /** Resources that disappear and those that appear instead, of equal amount. */
    record Conversion(Resources from, Resources to) {
        Conversion unallocated() {
            return new Conversion(from.unallocated(), to.unallocated());
        }
    }

    private Conversions() {}

    /**
     * Pushes one dynamic reservation.
     *
     * @param reserved the resources with the new reservation on top
     * @param principal who asks, null when it is not known; reservations that name someone else are refused
     * @throws IllegalArgumentException naming the resource that does not fit
     */
    static Conversion reserve(Resources reserved, @Nullable String principal) {
        requireReservable(reserved, principal);
        return new Conversion(reserved.mapKeys(Conversions::popped), reserved);
    }

    /**
     * Moves a reservation: pops what the source has beyond the stack that both share, then pushes what the target has.
     *
     * @param source as it is reserved now, or unreserved
     * @param target the same amounts with the new reservations
     */
    static Conversion rereserve(Resources source, Resources target, @Nullable String principal) {
        requireSome(source);
        requireReservable(target, principal);
        source.amounts().keySet().forEach(Conversions::refuseVolume);
        List<Reservation> before = oneStack("source", source);
        List<Reservation> after = oneStack("resources", target);
        if (!withoutReservations(source).equals(withoutReservations(target))) {
            throw new IllegalArgumentException("source and resources are not of the same amounts");
        }
        int shared = 0;
        while (shared < Math.min(before.size(), after.size())
                && before.get(shared).equals(after.get(shared))) {
            shared++;
        }
        if (before.size() == shared && after.size() == shared) {
            throw new IllegalArgumentException("source and resources are reserved alike");
        }
        before.subList(shared, before.size()).forEach(Conversions::requireDynamic);
        after.subList(shared, after.size()).forEach(Conversions::requireDynamic);
        return new Conversion(source, target);
    }

    private static void requireDynamic(Reservation reservation) {
        if (reservation.type() != Reservation.Type.DYNAMIC) {
            throw new IllegalArgumentException(
                    "the static reservation to role '" + reservation.role() + "' cannot be changed");
        }
    }

    private static List<Reservation> oneStack(String path, Resources resources) {
        List<Reservation> stack = resources.amounts().firstKey().reservations();
        resources.amounts().keySet().forEach(key -> {
            if (!key.reservations().equals(stack)) {
                throw new IllegalArgumentException(path + ": must all have the same reservations");
            }
        });
        return stack;
    }

    private static Resources withoutReservations(Resources resources) {
        return resources.mapKeys(key -> key.withReservations(List.of()));
    }

    private static void requireReservable(Resources reserved, @Nullable String principal) {
        requireSome(reserved);
        reserved.amounts().keySet().forEach(key -> {
            Reservation top = top(key);
            if (top.role().equals(Roles.DEFAULT)) {
                throw new IllegalArgumentException(key.name() + ": cannot be reserved to role '*'");
            }
            if (principal != null && top.principal() != null && !top.principal().equals(principal)) {
                throw new IllegalArgumentException(key.name() + ": reserved by principal '" + top.principal()
                        + "', but the caller is '" + principal + "'");
            }
            String allocated = key.allocationRole();
            if (allocated != null && !top.role().equals(allocated) && !Roles.isAncestor(top.role(), allocated)) {
                throw new IllegalArgumentException(key.name() + ": offered to role '" + allocated
                        + "', so it cannot be reserved to role '" + top.role() + "'");
            }
            requireRefinement(key);
            refuseVolume(key);
        });
    }

    private static void requireRefinement(ResourceKey key) {
        List<Reservation> stack = key.reservations();
        for (int i = 1; i < stack.size(); i++) {
            if (!Roles.isAncestor(stack.get(i - 1).role(), stack.get(i).role())) {
                throw new IllegalArgumentException(
                        key.name() + ": role '" + stack.get(i).role()
                                + "' does not refine the reservation to role '"
                                + stack.get(i - 1).role() + "'");
            }
        }
    }

    private static void refuseVolume(ResourceKey key) {
        if (volumeId(key) != null) {
            throw new IllegalArgumentException(key.name() + ": a persistent volume cannot be reserved");
        }
    }

    /** Pops the topmost dynamic reservation. */
    static Conversion unreserve(Resources reserved) {
        requireSome(reserved);
        reserved.amounts().keySet().forEach(key -> {
            top(key);
            if (key.disk() != null && key.disk().persistence() != null) {
                throw new IllegalArgumentException(
                        key.name() + ": volume " + volumeId(key) + " is on this reservation; destroy it first");
            }
        });
        return new Conversion(reserved, reserved.mapKeys(Conversions::popped));
    }

    /**
     * Makes persistent volumes of reserved disk.
     *
     * @param total all the agent has, to find persistence ids in use
     */
    static Conversion create(Resources volumes, Resources total) {
        requireSome(volumes);
        Set<String> ids = new HashSet<>();
        total.amounts().keySet().forEach(key -> {
            if (volumeId(key) != null) {
                ids.add(key.reservedTo() + " " + volumeId(key));
            }
        });
        for (Map.Entry<ResourceKey, Quantity> e : volumes.amounts().entrySet()) {
            ResourceKey key = e.getKey();
            Disk disk = requireVolume(key);
            if (key.reservations().isEmpty()) {
                throw new IllegalArgumentException(key.name() + ": a volume needs reserved disk");
            }
            // it names a directory of the agent
            Identifiers.check(
                            key.name() + ".disk.persistence.id",
                            disk.persistence().id())
                    .ifPresent(bad -> {
                        throw new IllegalArgumentException(bad.message());
                    });
            if (disk.volume() == null || !disk.volume().mode().equals("RW")) {
                throw new IllegalArgumentException(key.name() + ".disk.volume: needs a container path and mode RW");
            }
            if (disk.volume().containerPath().indexOf('\0') >= 0) {
                throw new IllegalArgumentException(key.name() + ".disk.volume.container_path: has a character 0");
            }
            if (disk.volume().containerPath().startsWith("/") || disk.volume().hostPath() != null) {
                throw new IllegalArgumentException(
                        key.name() + ".disk.volume: container_path must be relative and host_path unset");
            }
            if (!ids.add(key.reservedTo() + " " + volumeId(key))) {
                throw new IllegalArgumentException(key.name() + ".disk.persistence.id: '" + volumeId(key)
                        + "' is already used by role '" + key.reservedTo() + "' on this agent");
            }
        }
        return new Conversion(volumes.mapKeys(Conversions::plainDisk), volumes);
    }

    /** Turns persistent volumes back into reserved disk. */
    static Conversion destroy(Resources volumes) {
        requireSome(volumes);
        volumes.amounts().keySet().forEach(Conversions::requireVolume);
        return new Conversion(volumes, volumes.mapKeys(Conversions::plainDisk));
    }

    /**
     * Adds plain disk to a volume.
     *
     * @param addition reserved as the volume is, of the same physical disk
     */
    static Conversion grow(Resources volume, Resources addition) {
        ResourceKey key = requireResizable(volume);
        requireSome(addition);
        if (!addition.amounts().keySet().equals(Set.of(plainDisk(key)))) {
            throw new IllegalArgumentException(
                    "addition: must be plain disk with the reservations and the source of the volume");
        }
        return new Conversion(volume.plus(addition), volume.plus(addition.mapKeys(k -> key)));
    }

    /** @param subtract what becomes plain disk, in MB; less than the volume has */
    static Conversion shrink(Resources volume, double subtract) {
        ResourceKey key = requireResizable(volume);
        Resources less = subtract > 0 ? Resources.of(key, Quantity.Scalar.of(subtract)) : Resources.EMPTY;
        if (less.isEmpty()) {
            throw new IllegalArgumentException("subtract: must be positive");
        }
        if (volume.scalar(key.name()) <= subtract) {
            throw new IllegalArgumentException("subtract: must be less than the "
                    + volume.amounts().get(key) + " MB of volume " + volumeId(key) + "; to remove it all, destroy it");
        }
        return new Conversion(volume, volume.minus(less).plus(less.mapKeys(Conversions::plainDisk)));
    }

    private static ResourceKey requireResizable(Resources volume) {
        if (volume.amounts().size() != 1) {
            throw new IllegalArgumentException("volume: must be one persistent volume");
        }
        ResourceKey key = volume.amounts().firstKey();
        Disk disk = requireVolume(key);
        if (disk.source() != null && !disk.source().type().equals("PATH")) {
            throw new IllegalArgumentException("volume: a volume on a "
                    + disk.source().type() + " disk has the size of its disk and cannot be resized");
        }
        if (key.shared()) {
            throw new IllegalArgumentException("volume: a shared volume cannot be resized");
        }
        return key;
    }

    private static void requireSome(Resources resources) {
        if (resources.isEmpty()) {
            throw new IllegalArgumentException("no resources are given");
        }
    }

    private static Reservation top(ResourceKey key) {
        List<Reservation> stack = key.reservations();
        if (stack.isEmpty() || stack.get(stack.size() - 1).type() != Reservation.Type.DYNAMIC) {
            throw new IllegalArgumentException(key.name() + ": has no dynamic reservation on top");
        }
        return stack.get(stack.size() - 1);
    }

    private static ResourceKey popped(ResourceKey key) {
        return key.withReservations(
                key.reservations().subList(0, key.reservations().size() - 1));
    }

    private static Disk requireVolume(ResourceKey key) {
        Disk disk = key.disk();
        if (disk == null || disk.persistence() == null) {
            throw new IllegalArgumentException(key.name() + ".disk.persistence: must be set");
        }
        return disk;
    }

    private static @Nullable String volumeId(ResourceKey key) {
        Disk disk = key.disk();
        return disk == null || disk.persistence() == null
                ? null
                : disk.persistence().id();
    }

    private static ResourceKey plainDisk(ResourceKey key) {
        Disk disk = key.disk();
        Disk rest = disk == null || disk.source() == null ? null : new Disk(null, null, disk.source());
        return new ResourceKey(
                key.name(), key.reservations(), rest, key.revocable(), false, key.allocationRole(), key.providerId());
    }
}
