package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.images.ImageConfig;
import io.paddock.agent.server.containers.recipe.CommandLine;
import io.paddock.agent.server.containers.recipe.Secrets;
import io.paddock.agent.server.containers.recipe.Terminal;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.agent.server.containers.tools.UserIdentity;
import io.paddock.platform.linux.PathBelow;
import io.paddock.platform.linux.Trees;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What runs, as whom, where and with which environment. */
final class CommandHook implements Hook {
    private static final String INIT_INSIDE = "/dev/init";

    private final Inits inits;
    private final Secrets secrets;

    CommandHook(Inits inits, Secrets secrets) {
        this.inits = inits;
        this.secrets = secrets;
    }

    @Override
    public String name() {
        return "command";
    }

    @Override
    public void prepare(Launch launch) throws IOException {
        OciLaunch oci = (OciLaunch) launch;
        if (!oci.hasProcess()) {
            return;
        }
        ContainerSpec spec = oci.spec();
        CommandInfo command = spec.command().orElseThrow();
        OciConfig config = oci.config();
        ImageConfig image = oci.image();
        UserIdentity user = user(oci, command);
        Map<String, String> environment = environment(oci, command, user);
        List<String> arguments = CommandLine.arguments(
                command,
                entered(oci, image),
                spec.container().map(ContainerInfo::getType).orElse(null));
        Path init = inits.of(
                oci.terminal().isPresent(), oci.rootfs(), arguments.get(0), environment.getOrDefault("PATH", ""));
        List<String> argv = new ArrayList<>(List.of(INIT_INSIDE));
        argv.addAll(Inits.options(init, config.hasOwnNamespace("pid")));
        argv.addAll(arguments);
        config.bind(init, INIT_INSIDE, true);
        config.arguments(argv);
        config.environment(environment);
        oci.terminal().map(Terminal::size).ifPresent(size -> config.terminal(size.getRows(), size.getColumns()));
        config.workingDirectory(
                image == null || image.workingDirectory().isEmpty() ? oci.sandboxInside() : image.workingDirectory());
        config.user(user);
        UserIdentity outside = user.shifted(oci.firstUserId());
        if (outside.uid() != 0) {
            give(oci.sandbox(), outside);
            for (ContainerSpec.Mount mount : spec.mounts()) {
                giveIfNobodys(mount, outside);
            }
        }
    }

    /** With the entrypoint that is asked for instead of the image's, whose arguments then do not count either. */
    private static @Nullable ImageConfig entered(OciLaunch oci, @Nullable ImageConfig image) {
        Optional<String> parameter = oci.parameter("entrypoint");
        return image == null || parameter.isEmpty()
                ? image
                : image.withEntrypoint(parameter.get().isEmpty() ? List.of() : List.of(parameter.get()));
    }

    private static UserIdentity user(OciLaunch oci, CommandInfo command) throws IOException {
        if (!oci.spec().hasImage()) {
            Optional<String> user = oci.spec().hostUser();
            return user.isPresent() ? UserIdentity.ofHost(user.get()) : UserIdentity.ROOT;
        }
        ImageConfig image = oci.image();
        Optional<String> parameter = oci.parameter("user");
        if (parameter.isPresent()) {
            return UserIdentity.find(oci.rootfs(), parameter.get());
        }
        if (command.hasUser() && !command.getUser().isEmpty()) {
            return UserIdentity.find(oci.rootfs(), command.getUser());
        }
        return image != null && !image.user().isEmpty()
                ? UserIdentity.find(oci.rootfs(), image.user())
                : UserIdentity.ROOT;
    }

    private Map<String, String> environment(OciLaunch oci, CommandInfo command, UserIdentity user) throws IOException {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PATH", Tools.PATH);
        if (oci.terminal().isPresent()) {
            variables.put("TERM", "xterm");
        }
        ImageConfig image = oci.image();
        if (image != null) {
            variables.put("HOME", user.home());
            for (String entry : image.env()) {
                int separator = entry.indexOf('=');
                if (separator > 0) {
                    variables.put(entry.substring(0, separator), entry.substring(separator + 1));
                }
            }
        }
        variables.putAll(oci.spec().environment());
        variables.put("MESOS_SANDBOX", oci.sandboxInside());
        variables.putAll(oci.environment());
        variables.putAll(CommandLine.environment(command, secrets));
        return variables;
    }

    /** A persistent volume belongs to the first user it is given to; others see it with that one's permissions. */
    private static void giveIfNobodys(ContainerSpec.Mount mount, UserIdentity user) throws IOException {
        if (!mount.readOnly() && mount.isWhole() && (int) Files.getAttribute(mount.hostPath(), "unix:uid") == 0) {
            give(mount.hostPath(), user);
        }
    }

    /** A process that is not root must be able to write there; others may write there already. */
    private static void give(Path directory, UserIdentity user) throws IOException {
        try (PathBelow opened = PathBelow.find(directory, Path.of(""))) {
            Trees.give(opened, (int) user.uid(), (int) user.gid());
        }
    }
}
