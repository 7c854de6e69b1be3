package io.paddock.proto.json;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** JSON to protobuf encoding. */
final class JsonInput {
    private static final int MAX_SHOWN_CHARS = 60;
    private static final int MAX_DIGITS = 40;
    private static final int MAX_EXACT_CHARS = 15;
    private static final double[] POWERS_OF_TEN = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
    };

    private final byte[] json;
    private final JsonParser parser;
    private final ProtoBuffer out;
    /** The plain text {@link #isPlain} found. */
    private int plainFrom;

    private int plainLength;

    private JsonInput(byte[] json, JsonParser parser, ProtoBuffer out) {
        this.json = json;
        this.parser = parser;
        this.out = out;
    }

    /** Reads a document of exactly one object; the parser is at its beginning. */
    static void readDocument(MessageTable table, byte[] json, JsonParser parser, ProtoBuffer out) throws IOException {
        JsonInput input = new JsonInput(json, parser, out);
        JsonToken first = parser.nextToken();
        if (first != JsonToken.START_OBJECT) {
            throw new JsonFormatException("Expected a JSON object (" + table.name() + ") but got "
                    + (first == null ? "nothing" : input.shown()));
        }
        input.readObject(table);
        if (parser.nextToken() != null) {
            throw new JsonFormatException("Unexpected " + input.shown() + " after the end of the JSON object");
        }
    }

    private void readObject(MessageTable table) throws IOException {
        long requiredSeen = 0;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            FieldTable field = table.byName(parser.currentName());
            JsonToken token = parser.nextToken();
            if (field == null || token == JsonToken.VALUE_NULL) {
                parser.skipChildren();
                continue;
            }
            boolean read;
            if (field.map()) {
                readMap(field, token);
                read = true;
            } else if (field.repeated()) {
                readList(field, token);
                read = true;
            } else {
                read = readValue(field, token);
            }
            if (read && field.required()) {
                requiredSeen |= 1L << field.requiredBit();
            }
        }
        for (FieldTable field : table.required()) {
            if ((requiredSeen & 1L << field.requiredBit()) == 0) {
                String path = path(field.name());
                throw new JsonFormatException("Missing required field '" + path + "' (" + table.name() + ")");
            }
        }
    }

    private void readList(FieldTable field, JsonToken token) throws IOException {
        if (token != JsonToken.START_ARRAY) {
            throw unfit("a list");
        }
        for (JsonToken item = parser.nextToken(); item != JsonToken.END_ARRAY; item = parser.nextToken()) {
            if (item == JsonToken.VALUE_NULL) {
                throw unfit("no null in a list");
            }
            readValue(field, item);
        }
    }

    private void readMap(FieldTable field, JsonToken token) throws IOException {
        if (token != JsonToken.START_OBJECT) {
            throw unfit("an object");
        }
        MessageTable entry = field.message();
        FieldTable key = known(entry.byNumber(1));
        FieldTable value = known(entry.byNumber(2));
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            out.varint(field.tag());
            int start = out.open();
            String name = parser.currentName();
            out.varint(key.tag());
            writeScalar(key, name);
            JsonToken item = parser.nextToken();
            if (item != JsonToken.VALUE_NULL) {
                readValue(value, item);
            }
            out.close(start);
        }
    }

    private static FieldTable known(@Nullable FieldTable field) {
        if (field == null) {
            throw new IllegalStateException("a map entry has the fields 1 and 2");
        }
        return field;
    }

    /** Whether a value was taken: an enum name not known here counts as unset. */
    private boolean readValue(FieldTable field, JsonToken token) throws IOException {
        int before = out.size();
        out.varint(field.tag());
        switch (field.type()) {
            case MESSAGE, GROUP -> {
                if (token != JsonToken.START_OBJECT) {
                    throw unfit("an object");
                }
                int start = out.open();
                readObject(field.message());
                out.close(start);
            }
            case STRING -> {
                if (token != JsonToken.VALUE_STRING) {
                    throw unfit("a string");
                }
                if (isPlain()) {
                    out.delimited(json, plainFrom, plainLength);
                } else {
                    out.delimited(parser.getText().getBytes(StandardCharsets.UTF_8));
                }
            }
            case BOOL -> {
                if (!token.isBoolean()) {
                    throw unfit("true or false");
                }
                out.varint(token == JsonToken.VALUE_TRUE ? 1 : 0);
            }
            case BYTES -> out.delimited(base64(token));
            case ENUM -> {
                Integer number = enumNumber(field, token);
                if (number == null) {
                    out.truncate(before);
                    return false;
                }
                out.varint(number);
            }
            case DOUBLE -> {
                if (token.isNumeric()) {
                    out.fixed64(Double.doubleToRawLongBits(real()));
                } else {
                    writeScalar(field, numberText(token));
                }
            }
            case INT64, UINT64, INT32, UINT32 -> {
                if (token == JsonToken.VALUE_NUMBER_INT
                        && parser.getNumberType() == JsonParser.NumberType.INT
                        && parser.getIntValue() >= 0) {
                    out.varint(parser.getIntValue());
                } else {
                    writeScalar(field, numberText(token));
                }
            }
            default -> writeScalar(field, numberText(token));
        }
        return true;
    }

    /**
     * Whether the string the parser is at can be taken from the document as it stands, which spares decoding it; tells where
     * it is.
     */
    private boolean isPlain() {
        long quoteAt = parser.currentTokenLocation().getByteOffset();
        if (quoteAt < 0 || quoteAt >= json.length || json[(int) quoteAt] != '"') {
            return false;
        }
        plainFrom = (int) quoteAt + 1;
        int end = PlainText.end(json, plainFrom, json.length);
        plainLength = end - plainFrom;
        return end < json.length && json[end] == '"';
    }

    /**
     * The number the parser is at. Up to 15 digits and so many places both the digits and the power of ten are doubles, whose
     * quotient is then the double next to the decimal.
     */
    private double real() throws IOException {
        char[] text = parser.getTextCharacters();
        int start = parser.getTextOffset();
        int end = start + parser.getTextLength();
        long digits = 0;
        int pointAt = end;
        for (int i = start; i < end; i++) {
            if (text[i] == '.') {
                pointAt = i + 1;
            } else if (text[i] >= '0' && text[i] <= '9' && end - start <= MAX_EXACT_CHARS) {
                digits = digits * 10 + (text[i] - '0');
            } else {
                return parser.getDoubleValue();
            }
        }
        return digits / POWERS_OF_TEN[end - pointAt];
    }

    private String numberText(JsonToken token) throws IOException {
        if (!token.isNumeric() && token != JsonToken.VALUE_STRING) {
            throw unfit("a number");
        }
        return parser.getText();
    }

    private byte[] base64(JsonToken token) throws IOException {
        if (token != JsonToken.VALUE_STRING) {
            throw unfit("a base64 string");
        }
        try {
            return Base64.getDecoder()
                    .decode(
                            isPlain()
                                    ? Arrays.copyOfRange(json, plainFrom, plainFrom + plainLength)
                                    : parser.getText().getBytes(StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            throw unfit("a base64 string");
        }
    }

    private @Nullable Integer enumNumber(FieldTable field, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_STRING) {
            Integer number = isPlain()
                    ? field.enumNumber(json, plainFrom, plainLength)
                    : field.enumNumbers().get(parser.getText());
            if (number == null && field.required()) {
                throw unfit("one of " + field.enumNumbers().keySet());
            }
            return number;
        }
        if (token == JsonToken.VALUE_NUMBER_INT) {
            int number = parser.getIntValue();
            return field.enumNames().containsKey(number) ? number : null;
        }
        throw unfit("the name of an enum value");
    }

    /** Writes a string or number given as text (also a map key), without its tag. */
    private void writeScalar(FieldTable field, String text) throws IOException {
        switch (field.type()) {
            case STRING -> out.delimited(text.getBytes(StandardCharsets.UTF_8));
            case DOUBLE -> out.fixed64(Double.doubleToRawLongBits(real(text)));
            case FLOAT -> out.fixed32(Float.floatToRawIntBits((float) real(text)));
            case BOOL -> out.varint(Boolean.parseBoolean(text) ? 1 : 0);
            case INT32, SINT32, SFIXED32 -> writeInteger(field, whole(text, 31, true));
            case INT64, SINT64, SFIXED64 -> writeInteger(field, whole(text, 63, true));
            case UINT32, FIXED32 -> writeInteger(field, whole(text, 32, false));
            case UINT64, FIXED64 -> writeInteger(field, whole(text, 64, false));
            case BYTES, ENUM, MESSAGE, GROUP ->
                throw new IllegalStateException(field.name() + " of type " + field.type() + " is not a scalar");
        }
    }

    private void writeInteger(FieldTable field, long value) {
        switch (field.type()) {
            case SINT32, SINT64 -> out.varint(value << 1 ^ value >> 63);
            case FIXED32, SFIXED32 -> out.fixed32((int) value);
            case FIXED64, SFIXED64 -> out.fixed64(value);
            default -> out.varint(value);
        }
    }

    private double real(String text) {
        try {
            return switch (text) {
                case "inf" -> Double.POSITIVE_INFINITY;
                case "-inf" -> Double.NEGATIVE_INFINITY;
                default -> Double.parseDouble(text);
            };
        } catch (NumberFormatException e) {
            throw unfit("a number");
        }
    }

    private long whole(String text, int bits, boolean signed) {
        try {
            BigInteger value = text.length() < 20 && text.chars().allMatch(c -> c >= '0' && c <= '9')
                    ? new BigInteger(text)
                    : exact(text);
            BigInteger max = BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE);
            BigInteger min = signed ? max.negate().subtract(BigInteger.ONE) : BigInteger.ZERO;
            if (value.compareTo(min) >= 0 && value.compareTo(max) <= 0) {
                return value.longValue();
            }
        } catch (NumberFormatException | ArithmeticException e) {
            // falls through: the text is not a whole number
        }
        throw unfit("a whole number of " + (signed ? bits + 1 : bits) + " bits" + (signed ? "" : ", not negative"));
    }

    private static BigInteger exact(String text) {
        BigDecimal decimal = new BigDecimal(text.trim());
        if (decimal.precision() - decimal.scale() > MAX_DIGITS || decimal.scale() > MAX_DIGITS) {
            throw new ArithmeticException("out of any range");
        }
        return decimal.toBigIntegerExact();
    }

    private JsonFormatException unfit(String expected) {
        return new JsonFormatException("Field '" + path(null) + "': expected " + expected + " but got " + shown());
    }

    private String shown() {
        try {
            JsonToken token = parser.currentToken();
            if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
                return token == JsonToken.START_OBJECT ? "an object" : "a list";
            }
            String text = parser.getText();
            String shortened = text.length() <= MAX_SHOWN_CHARS ? text : text.substring(0, MAX_SHOWN_CHARS) + "…";
            return token == JsonToken.VALUE_STRING ? '"' + shortened + '"' : shortened;
        } catch (JsonParseException e) {
            return "malformed JSON";
        } catch (IOException e) {
            return "nothing readable";
        }
    }

    /** Where the parser is, as {@code accept.operations[0].launch}, plus a name below it. */
    private String path(@Nullable String below) {
        Deque<String> parts = new ArrayDeque<>();
        JsonStreamContext context = parser.getParsingContext();
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
            context = context.getParent();
        }
        for (; context != null && !context.inRoot(); context = context.getParent()) {
            if (context.inArray()) {
                parts.addFirst("[" + context.getCurrentIndex() + "]");
            } else if (context.getCurrentName() != null) {
                parts.addFirst("." + context.getCurrentName());
            }
        }
        if (below != null) {
            parts.addLast("." + below);
        }
        String path = String.join("", parts);
        return path.startsWith(".") ? path.substring(1) : path;
    }
}
