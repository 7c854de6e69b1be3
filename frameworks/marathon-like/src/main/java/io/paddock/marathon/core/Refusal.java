package io.paddock.marathon.core;

import io.paddock.common.Rejection;
import java.util.List;

/**
 * Why a request was refused.
 *
 * @param rejection what kind and in words
 * @param violations which fields are wrong, if that is the reason
 * @param deployments the ids of the deployments in the way, if that is the reason
 */
public record Refusal(Rejection rejection, List<Violation> violations, List<String> deployments) {
    /**
     * A wrong field.
     *
     * @param path as in {@code /upgradeStrategy/minimumHealthCapacity} or {@code /apps(0)/id}; {@code /} for the whole
     */
    public record Violation(String path, String error) {}

    public Refusal {
        violations = List.copyOf(violations);
        deployments = List.copyOf(deployments);
    }

    public static Refusal of(Rejection rejection) {
        return new Refusal(rejection, List.of(), List.of());
    }

    public static Refusal unprocessable(String message) {
        return of(new Rejection(Rejection.Code.UNPROCESSABLE, message));
    }

    public static Refusal invalid(List<Violation> violations) {
        StringBuilder text = new StringBuilder("Object is not valid:");
        violations.forEach(v ->
                text.append(' ').append(v.path()).append(' ').append(v.error()).append(';'));
        text.setLength(text.length() - 1);
        return new Refusal(new Rejection(Rejection.Code.UNPROCESSABLE, text.toString()), violations, List.of());
    }

    public static Refusal invalid(String path, String error) {
        return invalid(List.of(new Violation(path, error)));
    }

    public static Refusal locked(List<String> deployments) {
        return new Refusal(
                Rejection.conflict("App is locked by one or more deployments: " + String.join(", ", deployments)
                        + ". Wait for them, delete them, or override with the option '?force=true'."),
                List.of(),
                deployments);
    }
}
