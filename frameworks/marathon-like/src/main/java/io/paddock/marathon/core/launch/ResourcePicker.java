package io.paddock.marathon.core.launch;

import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Ranges;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Takes amounts out of what an offer has left, reserved ones first, since nobody else can use them. Revocable, shared and
 * special disk resources are never taken.
 */
final class ResourcePicker {
    private final Predicate<String> acceptedRoles;
    private final Resources.Builder taken = new Resources.Builder();
    private Resources left;

    /**
     * @param acceptedRoles whether resources reserved to a role ({@code *} when unreserved) may be used
     */
    ResourcePicker(Resources offered, Predicate<String> acceptedRoles) {
        this.left = offered;
        this.acceptedRoles = acceptedRoles;
    }

    /** Takes a scalar; takes nothing and answers false when there is not enough. */
    boolean takeScalar(String name, double amount) {
        long wanted = Math.round(amount * 1000);
        Resources.Builder parts = new Resources.Builder();
        for (Map.Entry<ResourceKey, Quantity> e : usable(name)) {
            if (wanted > 0 && e.getValue() instanceof Quantity.Scalar available) {
                long part = Math.min(wanted, available.thousandths());
                parts.add(e.getKey(), new Quantity.Scalar(part));
                wanted -= part;
            }
        }
        if (wanted > 0) {
            return false;
        }
        take(parts.build());
        return true;
    }

    /** Takes exactly this port; takes nothing and answers false when it is not there. */
    boolean takePort(int port) {
        for (Map.Entry<ResourceKey, Quantity> e : usable("ports")) {
            if (e.getValue() instanceof Ranges ranges && ranges.contains(port)) {
                take(Resources.of(e.getKey(), Ranges.of(port, port)));
                return true;
            }
        }
        return false;
    }

    /**
     * Takes any port.
     *
     * @param start a number that decides where the search begins, so that ports are not reused at once
     */
    Optional<Integer> takeAnyPort(long start) {
        for (Map.Entry<ResourceKey, Quantity> e : usable("ports")) {
            if (e.getValue() instanceof Ranges ranges && !ranges.isEmpty()) {
                long skip = Math.floorMod(start, ranges.size());
                for (Ranges.Range r : ranges.ranges()) {
                    if (skip < r.size()) {
                        int port = Math.toIntExact(r.begin() + skip);
                        take(Resources.of(e.getKey(), Ranges.of(port, port)));
                        return Optional.of(port);
                    }
                    skip -= r.size();
                }
            }
        }
        return Optional.empty();
    }

    Resources taken() {
        return taken.build();
    }

    Resources left() {
        return left;
    }

    private void take(Resources parts) {
        taken.add(parts);
        left = left.minus(parts);
    }

    private List<Map.Entry<ResourceKey, Quantity>> usable(String name) {
        List<Map.Entry<ResourceKey, Quantity>> entries = new ArrayList<>();
        for (Map.Entry<ResourceKey, Quantity> e : left.amounts().entrySet()) {
            ResourceKey key = e.getKey();
            if (key.name().equals(name)
                    && !key.revocable()
                    && !key.shared()
                    && key.disk() == null
                    && acceptedRoles.test(key.reservedTo())) {
                entries.add(e);
            }
        }
        entries.sort(Comparator.comparing(e -> e.getKey().reservations().isEmpty()));
        return entries;
    }
}
