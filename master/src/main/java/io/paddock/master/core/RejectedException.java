package io.paddock.master.core;

import io.paddock.common.Rejection;

/** Thrown to leave an operator's call that must be rejected; never leaves {@link OperatorCalls}. */
final class RejectedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Rejection rejection;

    RejectedException(Rejection.Code code, String message) {
        super(message, null, false, false);
        this.rejection = new Rejection(code, message);
    }

    Rejection rejection() {
        return rejection;
    }
}
