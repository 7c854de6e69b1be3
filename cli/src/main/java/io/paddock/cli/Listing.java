package io.paddock.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A command that lists what there is, as it stands and as {@code ls}; its subcommands change it. */
abstract class Listing implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Override
    public final Integer call() {
        return list();
    }

    @Command(name = "ls", mixinStandardHelpOptions = true, description = "Lists them, as the command alone does.")
    abstract int list();
}
