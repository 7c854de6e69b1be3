package io.paddock.platform.flags;

import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.Help.IOptionRenderer;
import picocli.CommandLine.Help.IParamLabelRenderer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** A help page that shows for each flag its default and its environment variable. */
final class HelpWithEnvironment extends Help {
    private static final int DESCRIPTION_COLUMN = 4;

    private final CommandSpec command;

    HelpWithEnvironment(CommandSpec command, ColorScheme colors) {
        super(command, colors);
        this.command = command;
        command.usageMessage().showDefaultValues(false);
    }

    @Override
    public IOptionRenderer createDefaultOptionRenderer() {
        IOptionRenderer plain = super.createDefaultOptionRenderer();
        return (OptionSpec option, IParamLabelRenderer labels, ColorScheme scheme) -> {
            Text[][] rows = plain.render(option, labels, scheme);
            if (option.usageHelp() || option.versionHelp() || rows.length == 0) {
                return rows;
            }
            Text[][] more = new Text[rows.length + 1][];
            System.arraycopy(rows, 0, more, 0, rows.length);
            Text[] note = rows[rows.length - 1].clone();
            for (int column = 0; column < note.length; column++) {
                note[column] = scheme.text("");
            }
            String value = defaultOf(option);
            note[DESCRIPTION_COLUMN] = scheme.text((value.isEmpty() ? "" : "Default: " + value + ". ") + "Environment: "
                    + FlagSources.environmentName(command, option));
            more[rows.length] = note;
            return more;
        };
    }

    private static String defaultOf(OptionSpec option) {
        Object value = option.defaultValue() != null ? option.defaultValue() : option.initialValue();
        return value == null ? "" : text(value).replace("${", "$ {");
    }

    private static String text(Object value) {
        return value instanceof java.time.Duration duration
                ? io.paddock.common.DurationText.format(duration)
                : String.valueOf(value);
    }
}
