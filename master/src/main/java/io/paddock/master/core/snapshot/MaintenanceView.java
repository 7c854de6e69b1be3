package io.paddock.master.core.snapshot;

import io.paddock.proto.v1.InverseOffer;
import io.paddock.proto.v1.maintenance.ClusterStatus;
import io.paddock.proto.v1.maintenance.Schedule;
import java.util.List;

/**
 * Maintenance of machines.
 *
 * @param schedule machines that are draining or down, by window
 * @param status which are what, with what frameworks have answered
 * @param inverseOffers those not answered yet
 */
public record MaintenanceView(Schedule schedule, ClusterStatus status, List<InverseOffer> inverseOffers) {
    public MaintenanceView {
        inverseOffers = List.copyOf(inverseOffers);
    }
}
