package io.paddock.agent.server.containers.processes;

import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.tools.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The processes of one container: a session led by the shell that watches over it, and what left that session. */
final class Session {
    /** File with the process id of the watching shell, which is the session's id. */
    static final String LEADER = "leader";

    /** Environment variable of all processes of a container: the directory of its record. */
    static final String MARK = "PADDOCK_CONTAINER";

    private Session() {}

    /** All but the watching shell. Reads all of /proc. */
    static Set<Long> members(ContainerRecord record) throws IOException {
        Path file = record.file(LEADER);
        Set<Long> members = new LinkedHashSet<>();
        if (!Files.exists(file)) {
            return members;
        }
        String text = Files.readString(file).strip();
        if (text.isEmpty()) {
            return members;
        }
        long leader = Long.parseLong(text);
        if (belongsToAnother(leader, record)) {
            return members;
        }
        members.addAll(Processes.ofSession(leader));
        // Those that have left the session still have its mark in the environment they were started with.
        members.addAll(Processes.withVariable(MARK, record.directory().toString()));
        members.remove(leader);
        return members;
    }

    /** After the shell's end its number may be given to a stranger, who may lead a session of his own. */
    private static boolean belongsToAnother(long leader, ContainerRecord record) {
        List<String> arguments = Processes.arguments(leader);
        return !arguments.isEmpty()
                && !String.join("", arguments).isEmpty()
                && !arguments.contains(record.directory().toString());
    }
}
