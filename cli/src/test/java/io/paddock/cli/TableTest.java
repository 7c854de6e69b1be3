package io.paddock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableTest {
    private static Table table() {
        Table table = Table.of("ID", "=STATE", ">CPUS");
        table.row("web.1234567890-abcdef", new Table.Cell("RUNNING", Table.Tone.GOOD), "0.1");
        table.row("b", new Table.Cell("LOST", Table.Tone.BAD), "12");
        return table;
    }

    @Test
    void columnsAreAligned() {
        assertThat(table().render(Terminal.NONE)).isEqualTo("""
                        ID                     STATE    CPUS
                        web.1234567890-abcdef  RUNNING   0.1
                        b                      LOST       12
                        """);
    }

    @Test
    void whatDoesNotFitIsCutButNotNumbersAndStates() {
        assertThat(table().render(new Terminal(30, false, "…"))).isEqualTo("""
                        ID               STATE    CPUS
                        web.1234567890…  RUNNING   0.1
                        b                LOST       12
                        """);
        assertThat(table().render(new Terminal(5, false, "~")))
                .startsWith("ID        STATE    CPUS\nweb.123~  RUNNING   0.1\n");
    }

    @Test
    void coloursDoNotMoveColumns() {
        String coloured = table().render(new Terminal(100, true, "…"));
        assertThat(coloured).contains("\u001b[32mRUNNING\u001b[0m").contains("\u001b[31mLOST\u001b[0m   ");
        assertThat(coloured.replaceAll("\u001b\\[\\d+m", "")).isEqualTo(table().render(Terminal.NONE));
    }

    @Test
    void aTableWithoutRowsIsItsHead() {
        assertThat(Table.of("A", ">B").render(Terminal.NONE)).isEqualTo("A  B\n");
    }
}
