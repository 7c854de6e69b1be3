package io.paddock.common;

/**
 * A request refused because of what it asked, as opposed to an operating fault or a broken invariant. A rejected request
 * has changed nothing.
 *
 * @param code what kind of refusal it is; decides the HTTP status
 * @param message what was wrong, naming the field or the id, what was expected and what was given
 */
public record Rejection(Code code, String message) {
    /** The kinds of refusal and the HTTP status each is answered with. */
    public enum Code {
        INVALID(400),
        FORBIDDEN(403),
        NOT_FOUND(404),
        CONFLICT(409),
        UNPROCESSABLE(422),
        TOO_MANY(429),
        NOT_SUPPORTED(501),
        UNAVAILABLE(503);

        private final int httpStatus;

        Code(int httpStatus) {
            this.httpStatus = httpStatus;
        }

        public int httpStatus() {
            return httpStatus;
        }
    }

    public static Rejection invalid(String message) {
        return new Rejection(Code.INVALID, message);
    }

    public static Rejection forbidden(String message) {
        return new Rejection(Code.FORBIDDEN, message);
    }

    public static Rejection notFound(String message) {
        return new Rejection(Code.NOT_FOUND, message);
    }

    public static Rejection conflict(String message) {
        return new Rejection(Code.CONFLICT, message);
    }

    public static Rejection unavailable(String message) {
        return new Rejection(Code.UNAVAILABLE, message);
    }
}
