package io.paddock.master.core.constraints;

/**
 * Measures a regular expression before it is compiled, as {@code ((a{1000}){1000}){1000}} is short but its compiled form is
 * not. An upper bound of the number of things to match, with counted repetitions written out; what is not valid is measured
 * somehow, the compiler will refuse it.
 */
final class RegexSize {
    private static final int MAX_REPEAT = 1000;
    private static final int CHARACTERS_EACH = 4;

    private final String regex;
    private final long limit;
    private int at;

    private RegexSize(String regex, long limit) {
        this.regex = regex;
        this.limit = limit;
    }

    /** Whether the expression is longer than {@code limit} when written out. */
    static boolean exceeds(String regex, long limit) {
        return regex.length() > limit * CHARACTERS_EACH || new RegexSize(regex, limit).whole() > limit;
    }

    private long whole() {
        long size = 0;
        while (at < regex.length() && size <= limit) {
            size += alternatives() + 1;
            at++;
        }
        return size - 1;
    }

    /** Up to the end or to the bracket that closes the group around. */
    private long alternatives() {
        long size = 0;
        while (at < regex.length() && regex.charAt(at) != ')' && size <= limit) {
            size += repeated(one());
        }
        return size;
    }

    private long one() {
        char c = regex.charAt(at++);
        switch (c) {
            case '(':
                long inner = alternatives();
                at++;
                return inner + 2;
            case '[':
                skipClass();
                return 1;
            case '\\':
                return escaped();
            default:
                return 1;
        }
    }

    private void skipClass() {
        skip('^');
        skip(']');
        while (at < regex.length() && regex.charAt(at) != ']') {
            at += regex.charAt(at) == '\\' ? 2 : regex.startsWith("[:", at) ? namedClass() : 1;
        }
        at++;
    }

    private void skip(char c) {
        at += at < regex.length() && regex.charAt(at) == c ? 1 : 0;
    }

    private int namedClass() {
        int end = regex.indexOf(":]", at);
        return end < 0 ? 1 : end + 2 - at;
    }

    /** One thing, but for {@code \Q…\E}, which is as many as it is long. */
    private long escaped() {
        if (at == regex.length()) {
            return 1;
        }
        char c = regex.charAt(at++);
        if (c == 'Q') {
            int from = at;
            int end = regex.indexOf("\\E", at);
            at = end < 0 ? regex.length() : end + 2;
            return (end < 0 ? regex.length() : end) - from;
        }
        if ("xpP".indexOf(c) >= 0 && at < regex.length() && regex.charAt(at) == '{') {
            int end = regex.indexOf('}', at);
            at = end < 0 ? regex.length() : end + 1;
        }
        return 1;
    }

    /** {@code x{2,5}} is written out five times, {@code x*} once with a step more. */
    private long repeated(long size) {
        long times = 1;
        long steps = 0;
        while (at < regex.length() && "*+?{".indexOf(regex.charAt(at)) >= 0) {
            int end = regex.charAt(at) == '{' ? regex.indexOf('}', at) : at;
            if (end < 0) {
                break;
            }
            steps++;
            times = end == at ? times : Math.min(limit + 1, times * counted(regex.substring(at + 1, end)));
            at = end + 1;
        }
        if (steps == 0 && at < regex.length() && regex.charAt(at) == '{') {
            at++;
        }
        return (size + steps) * times;
    }

    /** The larger number of {@code 2,5}; {@code 2,} is three. What is no repetition stands for itself. */
    private static long counted(String bounds) {
        String[] numbers = bounds.split(",", -1);
        long most = Math.max(1, bounds.length());
        for (String number : numbers) {
            if (!number.isEmpty() && number.chars().allMatch(c -> c >= '0' && c <= '9')) {
                most = Math.max(most, number.length() > 4 ? MAX_REPEAT : Long.parseLong(number) + 1);
            }
        }
        return most;
    }
}
