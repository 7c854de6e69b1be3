package io.paddock.client;

import io.paddock.proto.v1.scheduler.Call;

/**
 * A call was not taken by the master, or did not get an answer. The master has not acted on it unless the status is 0, or that
 * of a gateway.
 */
public final class CallRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Call.Type call;
    private final int status;

    private CallRefusedException(Call.Type call, int status, String what, String reason) {
        super(call + " " + what + (reason.isBlank() ? "" : ": " + reason.strip()));
        this.call = call;
        this.status = status;
    }

    static CallRefusedException answered(Call.Type call, int status, String reason) {
        return new CallRefusedException(call, status, "was answered " + status, reason);
    }

    static CallRefusedException notSent(Call.Type call, String reason) {
        return new CallRefusedException(call, 0, "was not sent", reason);
    }

    /** It was on its way. */
    static CallRefusedException unanswered(Call.Type call, String reason) {
        return new CallRefusedException(call, 0, "got no answer", reason);
    }

    public Call.Type call() {
        return call;
    }

    /**
     * Whether the answer says that the master does not, or no longer, hold the subscription that the call was made on, or nobody
     * knows what became of the call, as when a gateway answers. The driver then subscribes anew and reconciles its tasks.
     */
    public boolean endsSubscription() {
        return switch (status) {
            case 307, 502, 503, 504 -> true;
            case 403 -> String.valueOf(getMessage()).contains("not subscribed");
            default -> false;
        };
    }

    /** The HTTP status; 0 when there was no answer: the call may or may not have reached the master. */
    public int status() {
        return status;
    }
}
