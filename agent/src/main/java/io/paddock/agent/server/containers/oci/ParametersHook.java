package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Parameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The raw options of {@code docker run} that a container of type DOCKER may bring. What is not known here is refused: an
 * option without effect would deceive.
 */
final class ParametersHook implements Hook {
    private static final String KNOWN =
            "cap-add, cap-drop, env, hostname, label, read-only, tmpfs, ulimit, volume, workdir";

    private final Capabilities capabilities;

    ParametersHook(Capabilities capabilities) {
        this.capabilities = capabilities;
    }

    @Override
    public String name() {
        return "parameters";
    }

    @Override
    public void prepare(Launch launch) throws IOException {
        OciLaunch oci = (OciLaunch) launch;
        List<Parameter> parameters = oci.spec()
                .container()
                .map(ContainerInfo::getDocker)
                .map(ContainerInfo.DockerInfo::getParametersList)
                .orElse(List.of());
        if (!oci.hasProcess()) {
            return;
        }
        for (Parameter parameter : parameters) {
            apply(oci.config(), parameter.getKey(), parameter.getValue());
        }
    }

    private void apply(OciConfig config, String key, String value) throws IOException {
        switch (key) {
            case "env" -> {
                String[] parts = value.split("=", 2);
                config.addEnvironment(parts[0], parts.length == 2 ? parts[1] : "");
            }
            case "hostname" -> config.hostname(value);
            case "workdir" -> config.workingDirectory(value);
            case "label" -> {
                // For readers of docker inspect; nothing of the container depends on it.
            }
            case "read-only" -> config.readOnlyRoot(!value.equals("false"));
            case "tmpfs" -> tmpfs(config, value);
            case "volume" -> volume(config, value);
            case "ulimit" -> ulimit(config, value);
            case "cap-add" -> config.addCapability(capability(value));
            case "cap-drop" -> config.dropCapability(value.equalsIgnoreCase("ALL") ? "ALL" : capability(value));
            default ->
                throw new IOException(
                        "container.docker.parameters: " + key + " is not supported; supported are " + KNOWN);
        }
    }

    private String capability(String value) throws IOException {
        String upper = value.toUpperCase(Locale.ROOT);
        String name = upper.startsWith("CAP_") ? upper : "CAP_" + upper;
        if (!capabilities.all().contains(name)) {
            throw new IOException("container.docker.parameters: the agent has no capability " + value);
        }
        return name;
    }

    /** {@code /path[:option,…]}. */
    private static void tmpfs(OciConfig config, String value) {
        String[] parts = value.split(":", 2);
        List<String> options = parts.length == 2
                ? List.of(parts[1].split(",", -1))
                : List.of("nosuid", "nodev", "noexec", "mode=1777");
        config.mount(parts[0], "tmpfs", "tmpfs", options);
    }

    /** {@code /host:/container[:ro]}. */
    private static void volume(OciConfig config, String value) throws IOException {
        String[] parts = value.split(":", -1);
        if (parts.length < 2 || parts.length > 3 || !parts[0].startsWith("/") || !parts[1].startsWith("/")) {
            throw new IOException("container.docker.parameters: volume=/host:/container[:ro] expected, got " + value);
        }
        Files.createDirectories(Path.of(parts[0]));
        config.bind(Path.of(parts[0]), parts[1], parts.length == 3 && parts[2].equals("ro"));
    }

    /** {@code name=soft[:hard]}. */
    private static void ulimit(OciConfig config, String value) throws IOException {
        String[] parts = value.split("[=:]", -1);
        try {
            long soft = Long.parseLong(parts[1]);
            config.rlimit(
                    "RLIMIT_" + parts[0].toUpperCase(Locale.ROOT),
                    soft,
                    parts.length == 3 ? Long.parseLong(parts[2]) : soft);
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new IOException("container.docker.parameters: ulimit=name=soft[:hard] expected, got " + value, e);
        }
    }
}
