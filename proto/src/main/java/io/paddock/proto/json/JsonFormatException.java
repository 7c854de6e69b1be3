package io.paddock.proto.json;

/** JSON that does not fit the message type; the message names the path of the field and what was expected. */
public final class JsonFormatException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    JsonFormatException(String message) {
        super(message);
    }
}
