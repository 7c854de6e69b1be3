package io.paddock.platform.linux;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A program to be started.
 *
 * @param argv the path of the program, and its arguments
 * @param environment all it sees
 * @param directory its working directory
 * @param stdout a file it appends to; made if missing, but no link is followed
 * @param stderr likewise
 */
public record Program(List<String> argv, Map<String, String> environment, Path directory, Path stdout, Path stderr) {
    public Program {
        argv = List.copyOf(argv);
        environment = Map.copyOf(environment);
    }
}
