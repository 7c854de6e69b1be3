package io.paddock.common.resources;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All that makes two amounts not interchangeable.
 *
 * @param name {@code cpus}, {@code mem} (MB), {@code disk} (MB), {@code gpus}, {@code ports} or any other
 * @param reservations the stack, least refined first; empty when unreserved
 * @param disk set for persistent volumes and special disks
 * @param revocable may be taken back at any time
 * @param shared may be used by several tasks at once (persistent volumes)
 * @param allocationRole the role it is offered or allocated to; absent in totals
 * @param providerId the resource provider it comes from; absent for the agent itself
 */
public record ResourceKey(
        String name,
        List<Reservation> reservations,
        @Nullable Disk disk,
        boolean revocable,
        boolean shared,
        @Nullable String allocationRole,
        @Nullable String providerId)
        implements Comparable<ResourceKey> {

    private static final Comparator<ResourceKey> ORDER = Comparator.<ResourceKey>comparingInt(
                    k -> k.reservations.size())
            .thenComparing(ResourceKey::revocable)
            .thenComparing(ResourceKey::shared)
            .thenComparing(ResourceKey::allocationRole, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(ResourceKey::providerId, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(ResourceKey::reservations, ResourceKey::byText)
            .thenComparing(ResourceKey::disk, ResourceKey::byText);

    public ResourceKey {
        reservations = List.copyOf(reservations);
    }

    public static ResourceKey of(String name) {
        return new ResourceKey(name, List.of(), null, false, false, null, null);
    }

    /** The role this is reserved to, {@code *} when unreserved. */
    public String reservedTo() {
        return reservations.isEmpty()
                ? "*"
                : reservations.get(reservations.size() - 1).role();
    }

    /** Whether it can only be used as a whole: a persistent volume, or a disk that is one file system or device. */
    public boolean isIndivisible() {
        if (disk == null) {
            return false;
        }
        Disk.Source source = disk.source();
        return disk.persistence() != null
                || (source != null
                        && (source.type().equals("MOUNT") || source.type().equals("BLOCK")));
    }

    public ResourceKey withReservations(List<Reservation> stack) {
        return new ResourceKey(name, stack, disk, revocable, shared, allocationRole, providerId);
    }

    public ResourceKey withAllocationRole(@Nullable String role) {
        return new ResourceKey(name, reservations, disk, revocable, shared, role, providerId);
    }

    public ResourceKey withDisk(@Nullable Disk newDisk) {
        return new ResourceKey(name, reservations, newDisk, revocable, shared, allocationRole, providerId);
    }

    @Override
    public int compareTo(ResourceKey other) {
        int byName = name.compareTo(other.name);
        return byName != 0 ? byName : ORDER.compare(this, other);
    }

    /** Text is the last resort: building it costs more than all the rest, and equal values, the usual case, need none. */
    private static int byText(@Nullable Object a, @Nullable Object b) {
        return Objects.equals(a, b) ? 0 : String.valueOf(a).compareTo(String.valueOf(b));
    }
}
