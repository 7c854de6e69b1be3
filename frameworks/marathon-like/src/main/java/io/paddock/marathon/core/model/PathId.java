package io.paddock.marathon.core.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The absolute path that names an app or a group, such as {@code /shop/web}. Always normalised: starts with a slash, no
 * empty, {@code .} or {@code ..} segments, no slash at the end; the root is {@code /}.
 *
 * @param text the normalised path
 */
public record PathId(String text) implements Comparable<PathId> {
    public static final PathId ROOT = new PathId("/");

    /** Reads a path; what is relative is taken from the root. */
    public static PathId of(String text) {
        return ROOT.resolve(text);
    }

    /** Reads a path given inside this group: relative to it unless it starts with a slash. */
    public PathId resolve(String path) {
        List<String> segments = path.startsWith("/") ? new ArrayList<>() : new ArrayList<>(segments());
        for (String segment : path.split("/", -1)) {
            if (segment.equals("..")) {
                if (!segments.isEmpty()) {
                    segments.remove(segments.size() - 1);
                }
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                segments.add(segment);
            }
        }
        return new PathId("/" + String.join("/", segments));
    }

    public List<String> segments() {
        return isRoot() ? List.of() : List.of(text.substring(1).split("/"));
    }

    public boolean isRoot() {
        return text.equals("/");
    }

    /** The group this is in; the root is its own parent. */
    public PathId parent() {
        int slash = text.lastIndexOf('/');
        return slash <= 0 ? ROOT : new PathId(text.substring(0, slash));
    }

    public String lastSegment() {
        return text.substring(text.lastIndexOf('/') + 1);
    }

    /** Whether this is the group itself or anything below it. */
    public boolean isWithin(PathId group) {
        return group.isRoot() || equals(group) || text.startsWith(group.text + "/");
    }

    /** The first segment: the name of the top-level group, or of the app itself when it is in no group. */
    public String top() {
        List<String> segments = segments();
        return segments.isEmpty() ? "" : segments.get(0);
    }

    /** As it appears in task ids: segments joined with underscores. */
    public String safe() {
        return String.join("_", segments());
    }

    /** As it appears in task and discovery names: segments reversed, joined with dots. */
    public String reversed() {
        List<String> segments = new ArrayList<>(segments());
        Collections.reverse(segments);
        return String.join(".", segments);
    }

    @Override
    public int compareTo(PathId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
