package io.paddock.proto.json;

/** Doubles as JSON numbers: the shortest text that reads back equal, without an exponent where it stays short. */
public final class DoubleText {
    private static final double PLAIN_BELOW = 1e15;

    private DoubleText() {}

    /** The text of a finite double: {@code 1.0}, {@code 0.1}, {@code 1700000000.25}, {@code 1.0E300}. */
    public static String of(double value) {
        double magnitude = Math.abs(value);
        if (magnitude >= PLAIN_BELOW) {
            return Double.toString(value);
        }
        if (value == Math.rint(value)) {
            String whole = Long.toString((long) value) + ".0";
            return 1 / value < 0 && magnitude == 0 ? "-" + whole : whole;
        }
        String text = Double.toString(value);
        int exponent = text.indexOf('E');
        return exponent < 0 || magnitude < 1 ? text : shifted(text, exponent);
    }

    /** {@code 1.70000000025E9} to {@code 1700000000.25}. */
    private static String shifted(String text, int exponentAt) {
        int places = Integer.parseInt(text, exponentAt + 1, text.length(), 10);
        int point = text.indexOf('.');
        StringBuilder digits = new StringBuilder(text.length() + places);
        digits.append(text, 0, point).append(text, point + 1, exponentAt);
        int newPoint = point + places;
        while (digits.length() <= newPoint) {
            digits.append('0');
        }
        return digits.insert(newPoint, '.').toString();
    }
}
