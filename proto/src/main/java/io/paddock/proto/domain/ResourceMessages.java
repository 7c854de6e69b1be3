package io.paddock.proto.domain;

import io.paddock.common.Roles;
import io.paddock.common.resources.Disk;
import io.paddock.common.resources.Names;
import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Ranges;
import io.paddock.common.resources.Reservation;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.proto.v1.Label;
import io.paddock.proto.v1.Labels;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.ResourceProviderID;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@link Resource} messages to and from {@link Resources}.
 *
 * <p>Input may be in the old format (role and reservation) or the new one (reservations); inside there is only the new
 * one. Output is chosen by the receiver: {@link #toMessages} for frameworks with RESERVATION_REFINEMENT,
 * {@link #toOldMessages} for others.
 */
public final class ResourceMessages {
    private ResourceMessages() {}

    /**
     * Converts and adds up.
     *
     * @throws IllegalArgumentException naming the resource that is not valid
     */
    public static Resources fromMessages(List<Resource> messages) {
        Resources.Builder builder = new Resources.Builder();
        for (Resource message : messages) {
            builder.add(key(message), quantity(message));
        }
        return builder.build();
    }

    /** In the new format: reservations stack, role unset. */
    public static List<Resource> toMessages(Resources resources) {
        List<Resource> messages = new ArrayList<>(resources.amounts().size());
        for (Map.Entry<ResourceKey, Quantity> e : resources.amounts().entrySet()) {
            messages.add(message(e.getKey(), e.getValue()).build());
        }
        return messages;
    }

    /** In the old format: role and reservation. Refined reservations cannot be expressed and are left out. */
    public static List<Resource> toOldMessages(Resources resources) {
        List<Resource> messages = new ArrayList<>(resources.amounts().size());
        for (Map.Entry<ResourceKey, Quantity> e : resources.amounts().entrySet()) {
            if (e.getKey().reservations().size() <= 1) {
                messages.add(withOldFields(e.getKey(), message(e.getKey(), e.getValue()))
                        .clearReservations()
                        .build());
            }
        }
        return messages;
    }

    /** As the read endpoints print them: both formats where both can express it. */
    public static List<Resource> toEndpointMessages(Resources resources) {
        List<Resource> messages = new ArrayList<>(resources.amounts().size());
        for (Map.Entry<ResourceKey, Quantity> e : resources.amounts().entrySet()) {
            Resource.Builder message = message(e.getKey(), e.getValue());
            if (e.getKey().reservations().size() <= 1) {
                withOldFields(e.getKey(), message);
            }
            messages.add(message.build());
        }
        return messages;
    }

    @SuppressWarnings("deprecation") // the old format is the deprecated role field
    private static Resource.Builder withOldFields(ResourceKey key, Resource.Builder message) {
        message.setRole(key.reservedTo());
        if (!key.reservations().isEmpty()) {
            Reservation top = key.reservations().get(0);
            if (top.type() == Reservation.Type.DYNAMIC) {
                Resource.ReservationInfo.Builder info = Resource.ReservationInfo.newBuilder();
                if (top.principal() != null) {
                    info.setPrincipal(top.principal());
                }
                if (!top.labels().isEmpty()) {
                    info.setLabels(labels(top.labels()));
                }
                message.setReservation(info);
            }
        }
        return message;
    }

    @SuppressWarnings("deprecation")
    private static ResourceKey key(Resource m) {
        if (m.getName().isEmpty()) {
            throw new IllegalArgumentException("resource without a name");
        }
        List<Reservation> stack = new ArrayList<>();
        if (m.getReservationsCount() > 0) {
            if (m.hasReservation() || (m.hasRole() && !m.getRole().equals(Roles.DEFAULT))) {
                throw new IllegalArgumentException(
                        m.getName() + ": either role and reservation or reservations may be set, not both");
            }
            for (Resource.ReservationInfo r : m.getReservationsList()) {
                stack.add(new Reservation(
                        r.getType() == Resource.ReservationInfo.Type.STATIC
                                ? Reservation.Type.STATIC
                                : Reservation.Type.DYNAMIC,
                        r.getRole(),
                        r.hasPrincipal() ? r.getPrincipal() : null,
                        labels(r.getLabels())));
            }
        } else if (!m.getRole().equals(Roles.DEFAULT)) {
            stack.add(
                    m.hasReservation()
                            ? new Reservation(
                                    Reservation.Type.DYNAMIC,
                                    m.getRole(),
                                    m.getReservation().hasPrincipal()
                                            ? m.getReservation().getPrincipal()
                                            : null,
                                    labels(m.getReservation().getLabels()))
                            : new Reservation(Reservation.Type.STATIC, m.getRole(), null, List.of()));
        } else if (m.hasReservation()) {
            throw new IllegalArgumentException(m.getName() + ": a reservation needs a role other than *");
        }
        for (Reservation r : stack) {
            Roles.check(m.getName() + ".role", r.role()).ifPresent(x -> {
                throw new IllegalArgumentException(x.message());
            });
        }
        return new ResourceKey(
                m.getName(),
                stack,
                m.hasDisk() ? disk(m.getDisk()) : null,
                m.hasRevocable(),
                m.hasShared(),
                m.hasAllocationInfo() && m.getAllocationInfo().hasRole()
                        ? m.getAllocationInfo().getRole()
                        : null,
                m.hasProviderId() ? m.getProviderId().getValue() : null);
    }

    private static Quantity quantity(Resource m) {
        switch (m.getType()) {
            case SCALAR:
                double value = m.getScalar().getValue();
                if (!(value >= 0) || value > Long.MAX_VALUE / 1000.0) {
                    throw new IllegalArgumentException(
                            m.getName() + ": " + value + " must be a finite number of at least 0");
                }
                if (!m.hasScalar() || m.hasRanges() || m.hasSet()) {
                    throw new IllegalArgumentException(m.getName() + ": type SCALAR needs scalar and nothing else");
                }
                return Quantity.Scalar.of(value);
            case RANGES:
                if (!m.hasRanges() || m.hasScalar() || m.hasSet()) {
                    throw new IllegalArgumentException(m.getName() + ": type RANGES needs ranges and nothing else");
                }
                List<Ranges.Range> ranges = new ArrayList<>();
                for (Value.Range r : m.getRanges().getRangeList()) {
                    ranges.add(new Ranges.Range(r.getBegin(), r.getEnd()));
                }
                return Ranges.of(ranges);
            case SET:
                if (!m.hasSet() || m.hasScalar() || m.hasRanges()) {
                    throw new IllegalArgumentException(m.getName() + ": type SET needs set and nothing else");
                }
                return Names.of(m.getSet().getItemList());
            case TEXT:
                break;
        }
        throw new IllegalArgumentException(m.getName() + ": type " + m.getType() + " is not a resource type");
    }

    private static Resource.Builder message(ResourceKey key, Quantity quantity) {
        Resource.Builder m = Resource.newBuilder().setName(key.name());
        if (quantity instanceof Quantity.Scalar scalar) {
            m.setType(Value.Type.SCALAR).setScalar(Value.Scalar.newBuilder().setValue(scalar.value()));
        } else if (quantity instanceof Ranges ranges) {
            Value.Ranges.Builder list = Value.Ranges.newBuilder();
            ranges.ranges()
                    .forEach(r -> list.addRangeBuilder().setBegin(r.begin()).setEnd(r.end()));
            m.setType(Value.Type.RANGES).setRanges(list);
        } else if (quantity instanceof Names names) {
            m.setType(Value.Type.SET).setSet(Value.Set.newBuilder().addAllItem(names.items()));
        }
        for (Reservation r : key.reservations()) {
            Resource.ReservationInfo.Builder info = m.addReservationsBuilder()
                    .setType(
                            r.type() == Reservation.Type.STATIC
                                    ? Resource.ReservationInfo.Type.STATIC
                                    : Resource.ReservationInfo.Type.DYNAMIC)
                    .setRole(r.role());
            if (r.principal() != null) {
                info.setPrincipal(r.principal());
            }
            if (!r.labels().isEmpty()) {
                info.setLabels(labels(r.labels()));
            }
        }
        if (key.disk() != null) {
            m.setDisk(disk(key.disk()));
        }
        if (key.revocable()) {
            m.setRevocable(Resource.RevocableInfo.getDefaultInstance());
        }
        if (key.shared()) {
            m.setShared(Resource.SharedInfo.getDefaultInstance());
        }
        if (key.allocationRole() != null) {
            m.setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole(key.allocationRole()));
        }
        if (key.providerId() != null) {
            m.setProviderId(ResourceProviderID.newBuilder().setValue(key.providerId()));
        }
        return m;
    }

    private static Disk disk(Resource.DiskInfo m) {
        Disk.@Nullable Persistence persistence = m.hasPersistence()
                ? new Disk.Persistence(
                        m.getPersistence().getId(),
                        m.getPersistence().hasPrincipal() ? m.getPersistence().getPrincipal() : null)
                : null;
        Disk.@Nullable Volume volume = m.hasVolume()
                ? new Disk.Volume(
                        m.getVolume().getMode().name(),
                        m.getVolume().getContainerPath(),
                        m.getVolume().hasHostPath() ? m.getVolume().getHostPath() : null)
                : null;
        return new Disk(persistence, volume, m.hasSource() ? source(m.getSource()) : null);
    }

    private static Disk.Source source(Resource.DiskInfo.Source m) {
        String root = m.hasPath() && m.getPath().hasRoot()
                ? m.getPath().getRoot()
                : m.hasMount() && m.getMount().hasRoot() ? m.getMount().getRoot() : null;
        return new Disk.Source(
                m.getType().name(),
                root,
                m.hasId() ? m.getId() : null,
                m.hasProfile() ? m.getProfile() : null,
                m.hasVendor() ? m.getVendor() : null);
    }

    private static Resource.DiskInfo disk(Disk disk) {
        Resource.DiskInfo.Builder m = Resource.DiskInfo.newBuilder();
        if (disk.persistence() != null) {
            m.getPersistenceBuilder().setId(disk.persistence().id());
            if (disk.persistence().principal() != null) {
                m.getPersistenceBuilder().setPrincipal(disk.persistence().principal());
            }
        }
        if (disk.volume() != null) {
            Volume.Builder volume = m.getVolumeBuilder()
                    .setMode(Volume.Mode.valueOf(disk.volume().mode()))
                    .setContainerPath(disk.volume().containerPath());
            if (disk.volume().hostPath() != null) {
                volume.setHostPath(disk.volume().hostPath());
            }
        }
        Disk.Source s = disk.source();
        if (s != null) {
            Resource.DiskInfo.Source.Builder source =
                    m.getSourceBuilder().setType(Resource.DiskInfo.Source.Type.valueOf(s.type()));
            if (s.root() != null && s.type().equals("PATH")) {
                source.getPathBuilder().setRoot(s.root());
            } else if (s.root() != null) {
                source.getMountBuilder().setRoot(s.root());
            }
            if (s.id() != null) {
                source.setId(s.id());
            }
            if (s.profile() != null) {
                source.setProfile(s.profile());
            }
            if (s.vendor() != null) {
                source.setVendor(s.vendor());
            }
        }
        return m.build();
    }

    private static List<Reservation.Label> labels(Labels m) {
        List<Reservation.Label> labels = new ArrayList<>(m.getLabelsCount());
        for (Label l : m.getLabelsList()) {
            labels.add(new Reservation.Label(l.getKey(), l.hasValue() ? l.getValue() : null));
        }
        return labels;
    }

    private static Labels labels(List<Reservation.Label> labels) {
        Labels.Builder m = Labels.newBuilder();
        for (Reservation.Label l : labels) {
            Label.Builder label = m.addLabelsBuilder().setKey(l.key());
            if (l.value() != null) {
                label.setValue(l.value());
            }
        }
        return m.build();
    }
}
