package io.paddock.master.core;

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
 * What RESERVE, UNRESERVE, CREATE and DESTROY turn into what. Pure arithmetic on resources; whether they are there to be
 * converted is checked by the caller.
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
     * @param principal who asks; its reservations must carry its name
     * @throws IllegalArgumentException naming the resource that does not fit
     */
    static Conversion reserve(Resources reserved, @Nullable String principal) {
        requireSome(reserved);
        reserved.amounts().keySet().forEach(key -> {
            Reservation top = top(key);
            if (top.role().equals(Roles.DEFAULT)) {
                throw new IllegalArgumentException(key.name() + ": cannot be reserved to role '*'");
            }
            if (top.principal() != null && !top.principal().equals(principal)) {
                throw new IllegalArgumentException(key.name() + ": reserved by principal '" + top.principal()
                        + "', but the caller is '" + principal + "'");
            }
            String allocated = key.allocationRole();
            if (allocated != null && !top.role().equals(allocated) && !Roles.isAncestor(top.role(), allocated)) {
                throw new IllegalArgumentException(key.name() + ": offered to role '" + allocated
                        + "', so it cannot be reserved to role '" + top.role() + "'");
            }
            if (key.disk() != null && key.disk().persistence() != null) {
                throw new IllegalArgumentException(key.name() + ": a persistent volume cannot be reserved");
            }
        });
        return new Conversion(reserved.mapKeys(Conversions::popped), reserved);
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
            if (disk.volume() == null || !disk.volume().mode().equals("RW")) {
                throw new IllegalArgumentException(key.name() + ".disk.volume: needs a container path and mode RW");
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
