package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.AgentCommand;
import io.paddock.master.server.MasterCommand;
import io.paddock.platform.flags.Flags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What {@code docs/compatibility.md} says about Mesos' flags is what master and agent take. */
class MesosFlagsTest {
    private static final Pattern ROW = Pattern.compile("\\| (`[a-z0-9_`, ]+`) \\| (yes|differs|no)\\b.*");
    private static final Pattern NAME = Pattern.compile("`([a-z0-9_]+)`");

    @ParameterizedTest
    @CsvSource({"flag of both, 25", "flag of the master, 48", "flag of the agent, 110"})
    void rowsAreTrue(String table, int atLeast) throws IOException {
        List<CommandLine> servers = new ArrayList<>();
        if (!table.endsWith("agent")) {
            servers.add(Flags.commandLine(new MasterCommand(), Map.of()));
        }
        if (!table.endsWith("master")) {
            servers.add(Flags.commandLine(new AgentCommand(), Map.of()));
        }
        int flags = 0;
        for (String row : rows(table)) {
            Matcher parts = ROW.matcher(row);
            assertThat(parts.matches()).as(row).isTrue();
            Matcher name = NAME.matcher(parts.group(1));
            while (name.find()) {
                flags++;
                for (CommandLine server : servers) {
                    assertThat(server.getCommandSpec().findOption("--" + name.group(1)) != null)
                            .as("%s is said of '%s'", parts.group(2), name.group(1))
                            .isEqualTo(!parts.group(2).equals("no"));
                }
            }
        }
        assertThat(flags).isGreaterThanOrEqualTo(atLeast);
    }

    private static List<String> rows(String table) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("../docs/compatibility.md"));
        int first = lines.indexOf("| " + table + " | |") + 2;
        assertThat(first).as(table).isGreaterThan(1);
        int end = first;
        while (lines.get(end).startsWith("|")) {
            end++;
        }
        return lines.subList(first, end);
    }
}
