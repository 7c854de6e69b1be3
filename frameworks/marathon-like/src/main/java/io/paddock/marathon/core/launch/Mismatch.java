package io.paddock.marathon.core.launch;

/** Why an offer was not used for an app, in the order it is found out. Source: Marathon's queue reasons. */
public enum Mismatch {
    UNFULFILLED_ROLE("UnfulfilledRole"),
    UNFULFILLED_CONSTRAINT("UnfulfilledConstraint"),
    NO_CORRESPONDING_RESERVATION_FOUND("NoCorrespondingReservationFound"),
    AGENT_MAINTENANCE("AgentMaintenance"),
    INSUFFICIENT_CPUS("InsufficientCpus"),
    INSUFFICIENT_MEMORY("InsufficientMemory"),
    INSUFFICIENT_DISK("InsufficientDisk"),
    INSUFFICIENT_GPUS("InsufficientGpus"),
    INSUFFICIENT_PORTS("InsufficientPorts"),
    DECLINED_SCARCE_RESOURCES("DeclinedScarceResources");

    private final String apiName;

    Mismatch(String apiName) {
        this.apiName = apiName;
    }

    public String apiName() {
        return apiName;
    }
}
