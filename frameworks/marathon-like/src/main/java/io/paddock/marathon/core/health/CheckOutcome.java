package io.paddock.marathon.core.health;

import org.jspecify.annotations.Nullable;

/**
 * What came of a check.
 *
 * @param status the HTTP status; 0 when there was no HTTP answer; for TCP 200 when the connection was made
 * @param failure why there was no answer; absent when there was one
 * @param contentType of the answer
 * @param body the beginning of the answer; only kept for readiness checks
 */
public record CheckOutcome(
        int status,
        @Nullable String failure,
        @Nullable String contentType,
        @Nullable String body) {
    public static CheckOutcome answered(int status, @Nullable String contentType, @Nullable String body) {
        return new CheckOutcome(status, null, contentType, body);
    }

    public static CheckOutcome failed(String why) {
        return new CheckOutcome(0, why, null, null);
    }
}
