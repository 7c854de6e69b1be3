package io.paddock.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Rows of text in aligned columns. Where they do not fit the terminal the widest of the columns that may be cut are cut, so
 * that what is left of an id is still a prefix that finds it.
 */
final class Table {
    private static final String GAP = "  ";
    private static final int NARROWEST = 8;

    /** What a cell says, and what that means. */
    enum Tone {
        PLAIN(""),
        GOOD("\u001b[32m"),
        BUSY("\u001b[33m"),
        BAD("\u001b[31m"),
        FAINT("\u001b[2m");

        private final String start;

        Tone(String start) {
            this.start = start;
        }
    }

    /** A cell. */
    record Cell(String text, Tone tone) {}

    private final List<String> heads;
    private final Set<Integer> right = new HashSet<>();
    private final Set<Integer> whole = new HashSet<>();
    private final List<List<Cell>> rows = new ArrayList<>();

    private Table(List<String> heads) {
        this.heads = heads;
    }

    /** A table with these columns; a head that starts with {@code >} is aligned to the right, with {@code =} never cut. */
    static Table of(String... heads) {
        List<String> names = new ArrayList<>();
        Table table = new Table(names);
        for (String head : heads) {
            if (head.startsWith(">")) {
                table.right.add(names.size());
                table.whole.add(names.size());
            } else if (head.startsWith("=")) {
                table.whole.add(names.size());
            }
            names.add(head.startsWith(">") || head.startsWith("=") ? head.substring(1) : head);
        }
        return table;
    }

    /** Adds a row of strings and {@link Cell}s. */
    void row(Object... cells) {
        if (cells.length != heads.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + heads.size() + " columns");
        }
        List<Cell> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(cell instanceof Cell c ? c : new Cell(String.valueOf(cell), Tone.PLAIN));
        }
        rows.add(row);
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    String render(Terminal terminal) {
        int[] widths = widths(terminal.width());
        StringBuilder text = new StringBuilder();
        List<Cell> head = heads.stream().map(h -> new Cell(h, Tone.PLAIN)).toList();
        line(text, head, widths, terminal);
        rows.forEach(row -> line(text, row, widths, terminal));
        return text.toString();
    }

    private int[] widths(int available) {
        int[] widths = new int[heads.size()];
        int total = GAP.length() * (widths.length - 1);
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            widths[i] = Math.max(
                    heads.get(i).length(),
                    rows.stream()
                            .mapToInt(r -> r.get(column).text().length())
                            .max()
                            .orElse(0));
            total += widths[i];
        }
        for (int excess = total - available; excess > 0; ) {
            int widest = -1;
            for (int i = 0; i < widths.length; i++) {
                if (!whole.contains(i) && widths[i] > NARROWEST && (widest < 0 || widths[i] > widths[widest])) {
                    widest = i;
                }
            }
            if (widest < 0) {
                break;
            }
            widths[widest]--;
            excess--;
        }
        return widths;
    }

    private void line(StringBuilder text, List<Cell> row, int[] widths, Terminal terminal) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            Cell cell = row.get(i);
            String shown = cell.text().length() > widths[i]
                    ? cell.text().substring(0, widths[i] - 1) + terminal.ellipsis()
                    : cell.text();
            String padding = " ".repeat(widths[i] - shown.length());
            String toned =
                    terminal.colours() && cell.tone() != Tone.PLAIN ? cell.tone().start + shown + "\u001b[0m" : shown;
            line.append(i == 0 ? "" : GAP).append(right.contains(i) ? padding + toned : toned + padding);
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }
}
