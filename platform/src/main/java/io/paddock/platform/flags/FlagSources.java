package io.paddock.platform.flags;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Where a flag comes from when the command line does not give it: the environment, ours before that of
 * Mesos, then the {@code --config} file. */
final class FlagSources implements IDefaultValueProvider {
    private static final String CONFIG = "config";

    /** The commands that read what start scripts of Mesos set. */
    private static final Set<String> LIKE_MESOS = Set.of("master", "agent");

    /** What an executor is told by its agent under the name of a flag: not meant for an agent that a task starts. */
    private static final Set<String> OF_EXECUTORS =
            Set.of("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", "MESOS_RECOVERY_TIMEOUT", "MESOS_HTTP_COMMAND_EXECUTOR");

    private final Map<String, String> environment;
    private final Map<Path, Map<String, String>> files = new LinkedHashMap<>();

    FlagSources(Map<String, String> environment) {
        this.environment = environment;
    }

    /** {@code PADDOCK_MASTER_PORT} of the flag {@code --port} of {@code master}. */
    static String environmentName(CommandSpec command, OptionSpec option) {
        return "PADDOCK_" + upper(command.name()) + "_" + upper(flagName(option));
    }

    @Override
    public @Nullable String defaultValue(ArgSpec arg) throws Exception {
        if (!(arg instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
            return null;
        }
        String flag = flagName(option);
        String own = environment.get(environmentName(option.command(), option));
        String common = own != null ? own : environment.get("PADDOCK_" + upper(flag));
        if (common != null || flag.equals(CONFIG)) {
            return common;
        }
        String mesos = LIKE_MESOS.contains(option.command().name()) ? ofMesos(option) : null;
        if (mesos != null) {
            return mesos;
        }
        Path file = configFile(option.command());
        return file == null ? null : read(file, option.command()).get(flag);
    }

    /** {@code MESOS_WORK_DIR} of {@code --work_dir}. */
    private @Nullable String ofMesos(OptionSpec option) {
        boolean inTask = environment.containsKey("MESOS_EXECUTOR_ID");
        for (String name : option.names()) {
            String variable = "MESOS_" + upper(name.replaceFirst("^-+", ""));
            String value = inTask && OF_EXECUTORS.contains(variable) ? null : environment.get(variable);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    private @Nullable Path configFile(CommandSpec command) {
        CommandLine.ParseResult partial = command.commandLine().getParseResult();
        if (partial != null && partial.matchedOption("--" + CONFIG) != null) {
            return partial.matchedOptionValue("--" + CONFIG, (Path) null);
        }
        OptionSpec config = command.findOption("--" + CONFIG);
        Object given = config == null ? null : config.getValue();
        if (given instanceof Path path) {
            return path;
        }
        String name = config == null ? null : environment.get(environmentName(command, config));
        name = name != null ? name : environment.get("PADDOCK_CONFIG");
        return name == null ? null : Path.of(name);
    }

    private Map<String, String> read(Path file, CommandSpec command) {
        Map<String, String> known = files.get(file);
        if (known != null) {
            return known;
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new CommandLine.ParameterException(
                    command.commandLine(), "Flag '--config': cannot read " + file + ": " + e);
        }
        Map<String, String> flags = new LinkedHashMap<>();
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            OptionSpec option = command.findOption("--" + key);
            if (option == null) {
                throw new CommandLine.ParameterException(
                        command.commandLine(), "Flag '" + key + "' in " + file + " is not known to " + command.name());
            }
            flags.put(flagName(option), properties.getProperty(key).trim());
        }
        files.put(file, flags);
        return flags;
    }

    static String flagName(OptionSpec option) {
        for (String name : option.names()) {
            if (name.startsWith("--") && name.indexOf('_') < 0) {
                return name.substring(2);
            }
        }
        return option.longestName().replaceFirst("^-+", "");
    }

    private static String upper(String name) {
        return name.replace('-', '_').toUpperCase(Locale.ROOT);
    }
}
