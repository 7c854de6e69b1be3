package io.paddock.marathon.server.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Selects by labels: {@code key}, {@code key==v}, {@code key!=v}, {@code key in (a,b)}, {@code key notin (a,b)}, separated by
 * commas, all of which must hold. {@code !=} and {@code notin} need the label to be there too. Other characters than
 * letters, digits and {@code -_.} are escaped with a backslash.
 */
final class LabelSelector {
    private static final String TERM = "((?:[-A-Za-z0-9_.]|\\\\.)+)";
    private static final Pattern EXISTS = Pattern.compile(TERM);
    private static final Pattern COMPARES = Pattern.compile(TERM + "\\s*(==|!=)\\s*" + TERM);
    private static final Pattern IN =
            Pattern.compile(TERM + "\\s+(in|notin)\\s*\\(\\s*(" + TERM + "(?:\\s*,\\s*" + TERM + ")*)\\s*\\)");

    private LabelSelector() {}

    static Predicate<Map<String, String>> parse(String text) throws Refused {
        Predicate<Map<String, String>> all = labels -> true;
        for (String part : split(text)) {
            all = all.and(one(part.trim(), text));
        }
        return all;
    }

    private static Predicate<Map<String, String>> one(String part, String text) throws Refused {
        Matcher m = EXISTS.matcher(part);
        if (m.matches()) {
            String key = plain(m.group(1));
            return labels -> labels.containsKey(key);
        }
        m = COMPARES.matcher(part);
        if (m.matches()) {
            String key = plain(m.group(1));
            String value = plain(m.group(3));
            boolean equal = m.group(2).equals("==");
            return labels -> labels.containsKey(key) && labels.get(key).equals(value) == equal;
        }
        m = IN.matcher(part);
        if (m.matches()) {
            String key = plain(m.group(1));
            List<String> values = new ArrayList<>();
            for (String value : m.group(3).split(",", -1)) {
                values.add(plain(value.trim()));
            }
            boolean in = m.group(2).equals("in");
            return labels -> labels.containsKey(key) && values.contains(labels.get(key)) == in;
        }
        throw Refused.unprocessable("'" + text + "' is not a label selector such as 'tier==web, env in (a,b)'");
    }

    /** Splits at commas outside of parentheses. */
    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int begin = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth == 0) {
                parts.add(text.substring(begin, i));
                begin = i + 1;
            }
        }
        parts.add(text.substring(begin));
        return parts;
    }

    private static String plain(String term) {
        return term.replaceAll("\\\\(.)", "$1");
    }
}
