package io.paddock.agent.server.containers.fetch;

import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * By the command line clients of storage systems, which bring their own configuration: {@code aws} for s3, {@code hadoop} for
 * that and all the rest.
 */
final class ClientPrograms implements FileTransfer {
    private static final Duration TIMEOUT = Duration.ofHours(2);
    private static final List<String> PASSED_ON = List.of("HOME", "JAVA_HOME", "HADOOP_HOME", "HADOOP_CONF_DIR");

    private final Optional<Path> hadoopHome;
    private final Tools tools;

    /** @param hadoopHome its {@code bin} is looked at before the usual directories */
    ClientPrograms(Optional<Path> hadoopHome, Tools tools) {
        this.hadoopHome = hadoopHome;
        this.tools = tools;
    }

    @Override
    public void transfer(Source source, Path partial, Cancellation cancellation) throws IOException {
        Files.deleteIfExists(partial);
        boolean s3 = source.scheme().equals("s3");
        Optional<Path> aws = s3 ? find("aws") : Optional.empty();
        Optional<Path> hadoop = find("hadoop");
        List<String> argv = new ArrayList<>();
        if (aws.isPresent()) {
            argv.addAll(
                    List.of(aws.get().toString(), "s3", "cp", "--only-show-errors", source.text(), partial.toString()));
        } else if (hadoop.isPresent()) {
            argv.addAll(List.of(hadoop.get().toString(), "fs", "-copyToLocal", source.text(), partial.toString()));
        } else {
            throw new IOException((s3 ? "neither aws nor hadoop is" : "hadoop is not")
                    + " installed, which this kind of address needs");
        }
        tools.run(ToolCall.of(argv).with(environment()).within(TIMEOUT), cancellation);
    }

    private Optional<Path> find(String program) {
        Optional<Path> own =
                hadoopHome.map(home -> home.resolve("bin").resolve(program)).filter(Files::isExecutable);
        return own.isPresent() ? own : Tools.find(program);
    }

    /** Where the clients find their configuration, and AWS its credentials. */
    private static Map<String, String> environment() {
        Map<String, String> variables = new LinkedHashMap<>();
        System.getenv().forEach((name, value) -> {
            if (PASSED_ON.contains(name) || name.startsWith("AWS_")) {
                variables.put(name, value);
            }
        });
        return variables;
    }
}
