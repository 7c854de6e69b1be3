package io.paddock.benchmarks.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Programs that are run to their end and must succeed. */
final class Commands {
    private static final Path ERRORS = Path.of(System.getProperty("java.io.tmpdir"), "paddock-benchmark-errors.log");

    private Commands() {}

    static void run(String... argv) throws IOException, InterruptedException {
        run(List.of(argv));
    }

    static void run(List<String> argv) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(argv)
                .redirectInput(new java.io.File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.appendTo(ERRORS.toFile()))
                .start();
        int status = process.waitFor();
        if (status != 0) {
            throw new IOException(String.join(" ", argv) + " ended with " + status + "; see " + ERRORS);
        }
    }

    static boolean installed(String program) {
        return Files.isExecutable(Path.of(program));
    }
}
