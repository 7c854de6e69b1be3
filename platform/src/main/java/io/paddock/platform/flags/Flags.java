package io.paddock.platform.flags;

import io.paddock.common.ByteSize;
import io.paddock.common.DurationText;
import io.paddock.platform.security.JsonFlag;
import io.paddock.platform.zookeeper.ZooKeeperAddress;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Runs picocli commands the way all of Paddock does.
 *
 * <p>A flag is taken from the first of: the command line; {@code PADDOCK_<COMMAND>_<FLAG>}; {@code PADDOCK_<FLAG>}; of
 * master and agent {@code MESOS_<FLAG>}; the properties file named by {@code --config} (keys are flag names, {@code port=5050}); its default. A flag that does not fit
 * ends with exit code 2 and a message naming it; a command that throws ends with 1 and the exception's message. A command may
 * have other codes for both, and so may an exception, which then ends it without a message.
 */
public final class Flags {
    private Flags() {}

    /**
     * Parses and runs.
     *
     * @param command an object with {@code @Command(name = …)}, {@code Callable<Integer>}
     * @return the exit code
     */
    public static int run(Object command, String... args) {
        return commandLine(command, System.getenv()).execute(args);
    }

    /**
     * What the flags of an options object are set to, by name in the way of Mesos ({@code offer_timeout}); unset ones are
     * left out and passwords in addresses hidden.
     */
    public static SortedMap<String, String> effective(Object options) {
        SortedMap<String, String> values = new TreeMap<>();
        for (OptionSpec option :
                CommandLine.Model.CommandSpec.forAnnotatedObject(options).options()) {
            Object value = option.getValue();
            if (value != null) {
                String text = value instanceof Duration duration ? DurationText.format(duration) : value.toString();
                values.put(FlagSources.flagName(option).replace('-', '_'), ZooKeeperAddress.withoutPassword(text));
            }
        }
        return values;
    }

    /** The parser of a command, for tests and for adding subcommands' own behaviour. */
    public static CommandLine commandLine(Object command, Map<String, String> environment) {
        CommandLine line = new CommandLine(command);
        StandardFlags standard = new StandardFlags();
        line.addMixin("standard", standard);
        line.registerConverter(Duration.class, text -> read(text, DurationText::parse));
        line.registerConverter(ByteSize.class, text -> read(text, ByteSize::parse));
        line.registerConverter(Path.class, JsonFlag::path);
        line.registerConverter(boolean.class, Flags::flag);
        line.registerConverter(Boolean.class, Flags::flag);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setDefaultValueProvider(new FlagSources(environment));
        line.setHelpFactory((spec, colors) -> new HelpWithEnvironment(spec, colors));
        line.setUsageHelpAutoWidth(true);
        line.setParameterExceptionHandler((e, args) -> {
            PrintWriter err = e.getCommandLine().getErr();
            err.println(e.getMessage());
            err.println("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
            err.flush();
            return e.getCommandLine().getCommandSpec().exitCodeOnInvalidInput();
        });
        line.setExecutionExceptionHandler((e, failed, result) -> {
            if (e instanceof CommandLine.IExitCodeGenerator quiet) {
                return quiet.getExitCode();
            }
            String message = e.getMessage() == null ? e.toString() : e.getMessage();
            failed.getErr().println(failed.getCommandSpec().name() + ": " + message);
            failed.getErr().flush();
            LoggerFactory.getLogger("io.paddock").debug("Command failed", e);
            return e instanceof IllegalArgumentException
                    ? failed.getCommandSpec().exitCodeOnInvalidInput()
                    : failed.getCommandSpec().exitCodeOnExecutionException();
        });
        line.setExecutionStrategy(result -> {
            standard.applyLogLevel();
            return new CommandLine.RunLast().execute(result);
        });
        return line;
    }

    private static <T> T read(String text, Function<String, T> parse) {
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.TypeConversionException(e.getMessage());
        }
    }

    /** Mesos takes digits, too. */
    private static boolean flag(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw new CommandLine.TypeConversionException("'" + text + "' is neither true nor false");
        };
    }
}
