package io.paddock.client;

import io.paddock.proto.v1.scheduler.Call;

/** A call was not taken by the master, or could not be sent to it. The master has not acted on it unless status is 0. */
public final class CallRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Call.Type call;
    private final int status;

    public CallRefusedException(Call.Type call, int status, String reason) {
        super(call + " " + (status == 0 ? "was not sent" : "was answered " + status)
                + (reason.isBlank() ? "" : ": " + reason.strip()));
        this.call = call;
        this.status = status;
    }

    public Call.Type call() {
        return call;
    }

    /** The HTTP status; 0 when there was no answer: the call may or may not have reached the master. */
    public int status() {
        return status;
    }
}
