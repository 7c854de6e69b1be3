package io.paddock.cli;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One of a task's outputs, read on and on through the parts that its agent makes of it: a full file becomes {@code stdout.1},
 * what was {@code .1} becomes {@code .2} and so on, between any two requests.
 *
 * <p>A part is therefore known not by its number but by what stands before the place that was reached in it. Every read asks
 * for these bytes, too; when others come the file has become another one, and ours is looked for among the older ones. A part
 * of which nothing was read yet is known by the one before it.
 */
final class RotatedOutput {
    private static final int CHUNK = 64 * 1024; // agents give no more at once
    private static final int MARK = 1024;
    private static final int MOST_PARTS = 1000;

    /** An agent cuts a file and renames others in several steps: what is not found may be about to appear. */
    private static final int TRIES = 5;

    private static final Duration BETWEEN_TRIES = Duration.ofMillis(50);

    private final Sandbox sandbox;
    private final String name;
    private final Consumer<String> onLoss;

    private boolean begun;
    private int number; // of the part, when it was seen last; 0 is the one being written
    private Place place = Place.START;
    private long size; // of the part, when it was seen last
    private @Nullable Place before; // the end of the part before; null when there is none

    /** @param mark the bytes up to it, as many as are remembered */
    private record Place(long offset, ByteString mark) {
        static final Place START = new Place(0, ByteString.EMPTY);

        Place after(ByteString data) {
            ByteString all = mark.concat(data);
            return new Place(offset + data.size(), all.substring(Math.max(0, all.size() - MARK)));
        }

        long markStart() {
            return offset - mark.size();
        }
    }

    /**
     * From the beginning of the oldest part there is.
     *
     * @param onLoss told what cannot be had any more
     */
    RotatedOutput(Sandbox sandbox, String name, Consumer<String> onLoss) {
        this.sandbox = sandbox;
        this.name = name;
        this.onLoss = onLoss;
    }

    /** Starts {@code bytes} before the end, or at the beginning of the oldest part there is. */
    void seekToEnd(long bytes) {
        begun = true;
        long left = bytes;
        Sandbox.Piece part = read(number, 0, 0);
        for (Sandbox.Piece older = read(number + 1, 0, 0);
                part != null && older != null && part.size() < left;
                older = read(number + 1, 0, 0)) {
            left -= part.size();
            part = older;
            number++;
        }
        before = placeIn(number + 1, 0);
        Place found = placeIn(number, left);
        if (found != null) {
            place = found;
        }
    }

    private @Nullable Place placeIn(int part, long beforeEnd) {
        Sandbox.Piece whole = read(part, 0, 0);
        if (whole == null) {
            return null;
        }
        long offset = Math.max(0, whole.size() - beforeEnd);
        int length = (int) Math.min(MARK, offset);
        Sandbox.Piece mark = read(part, offset - length, length);
        return mark == null || mark.data().size() < length ? null : new Place(offset, mark.data());
    }

    /**
     * The next bytes, no character torn in two; empty when there are no more at the moment.
     *
     * @param mayBeMissing whether a file that is not there yet is as good as an empty one, and more may come
     */
    ByteString next(boolean mayBeMissing) {
        if (!begun) {
            begun = true;
            number = older().stream().reduce(0, Math::max);
        }
        while (true) {
            Sandbox.Piece piece = read(number, place.markStart(), CHUNK);
            if (piece == null && number == 0) {
                if (mayBeMissing) {
                    return ByteString.EMPTY;
                }
                throw new CommandFailed(
                        "the agent has no " + sandbox.path(name) + " any more: its sandbox was removed");
            }
            if (piece == null || !piece.data().startsWith(place.mark())) {
                findAgain();
                continue;
            }
            ByteString fresh = piece.data().substring(place.mark().size());
            if (fresh.isEmpty() && number == 0) {
                return ByteString.EMPTY;
            }
            if (place.offset() == 0 && !isAfterTheOneBefore()) {
                findAgain();
            } else if (fresh.isEmpty()) {
                before = place;
                place = Place.START;
                number--;
            } else {
                size = piece.size();
                boolean ends = place.offset() + fresh.size() >= size && (number > 0 || !mayBeMissing);
                ByteString taken = ends ? fresh : Utf8.whole(fresh);
                place = place.after(taken);
                return taken;
            }
        }
    }

    /** Asked after a read from our part: parts only move on, so that one that is in its place was there then. */
    private boolean isAfterTheOneBefore() {
        return before == null ? read(number + 1, 0, 0) == null : isIn(number + 1, before);
    }

    private boolean isIn(int part, Place sought) {
        Sandbox.Piece piece = read(part, sought.markStart(), sought.mark().size());
        return piece != null && piece.data().equals(sought.mark());
    }

    private void findAgain() {
        for (int tries = 1; tries <= TRIES; tries++) {
            List<Integer> older = older();
            if (place.offset() > 0) {
                List<Integer> all = new ArrayList<>(older);
                all.add(0, 0);
                int ours = first(all, place);
                if (ours >= 0) {
                    number = ours;
                    return;
                }
                for (int part : older) {
                    Place inside = findInside(part);
                    if (inside != null) {
                        number = part;
                        place = inside;
                        return;
                    }
                }
            }
            int known = before == null ? -1 : first(older, before);
            boolean isThere = known == 1 || older.contains(known - 1);
            if (place.offset() == 0 && (before == null || (known > 0 && isThere))) {
                beginAfter(known, older);
                return;
            }
            if (tries == TRIES) {
                tellLoss();
                beginAfter(known, older);
                return;
            }
            new Pause().await(BETWEEN_TRIES);
        }
    }

    /** Our place in a part that is only the end of what ours was: agents keep no more of one that has grown too fast. */
    private @Nullable Place findInside(int part) {
        Sandbox.Piece whole = read(part, 0, 0);
        if (whole == null || whole.size() >= place.offset()) {
            return null;
        }
        String sought = place.mark().toString(StandardCharsets.ISO_8859_1);
        for (long end = whole.size(); end >= sought.length(); end -= CHUNK - sought.length()) {
            long from = Math.max(0, end - CHUNK);
            Sandbox.Piece piece = read(part, from, (int) (end - from));
            int at = piece == null
                    ? -1
                    : piece.data().toString(StandardCharsets.ISO_8859_1).lastIndexOf(sought);
            if (at >= 0) {
                return new Place(from + at + sought.length(), place.mark());
            }
        }
        return null;
    }

    private int first(List<Integer> parts, Place sought) {
        return parts.stream().filter(part -> isIn(part, sought)).findFirst().orElse(-1);
    }

    /** With the oldest part that is newer than {@code known}; all are when that is gone. */
    private void beginAfter(int known, List<Integer> older) {
        number = older.stream().filter(part -> known < 0 || part < known).reduce(0, Math::max);
        if (number != known - 1) {
            before = null;
        }
        place = Place.START;
    }

    private void tellLoss() {
        long unread = size - place.offset();
        onLoss.accept(
                place.offset() > 0 && unread > 0
                        ? "at least " + unread + " bytes of " + name
                                + " are lost: the agent has cut the file and does not have them any more"
                        : "some of " + name + " may be lost, how many bytes is not known: the agent has cut the file"
                                + " and does not have all of it any more");
    }

    /** The numbers of the rotated parts; one may be missing while the others move on. */
    private List<Integer> older() {
        List<Integer> found = new ArrayList<>();
        for (int i = 1, last = 0; i <= MOST_PARTS && i - last <= 2; i++) {
            if (read(i, 0, 0) != null) {
                found.add(i);
                last = i;
            }
        }
        return found;
    }

    private Sandbox.@Nullable Piece read(int part, long offset, int length) {
        return sandbox.read(part == 0 ? name : name + "." + part, offset, length);
    }
}
