package io.paddock.batch.server.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.batch.core.RunOverrides;
import io.paddock.batch.core.RunSpec;
import io.paddock.batch.core.RunSpec.Artifact;
import io.paddock.batch.core.RunSpec.Constraint;
import io.paddock.batch.core.RunSpec.Docker;
import io.paddock.batch.core.RunSpec.EnvValue;
import io.paddock.batch.core.RunSpec.Network;
import io.paddock.batch.core.RunSpec.Restart;
import io.paddock.batch.core.RunSpec.Ucr;
import io.paddock.batch.core.RunSpec.Volume;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the {@code run} part of a job. */
final class RunReader {
    private static final double LEAST_CPUS = 0.01;
    private static final double LEAST_MEM = 32;
    private static final long DEFAULT_LAUNCH_DELAY = 3600;

    private enum Policy {
        NEVER,
        ON_FAILURE
    }

    private enum Mode {
        RW,
        RO
    }

    private enum Kind {
        docker,
        appc
    }

    private final Fields fields;

    RunReader(Fields fields) {
        this.fields = fields;
    }

    RunSpec read() {
        RunSpec run = new RunSpec(
                fields.requiredNumber("cpus", LEAST_CPUS),
                fields.requiredNumber("mem", LEAST_MEM),
                fields.requiredNumber("disk", 0),
                Math.toIntExact(Math.min(fields.whole("gpus", 0, 0), Integer.MAX_VALUE)),
                fields.text("cmd"),
                fields.has("args") ? fields.texts("args") : null,
                fields.text("user"),
                fields.map("env", this::envValue),
                constraints(),
                fields.objects("artifacts", RunReader::artifact),
                fields.whole("maxLaunchDelay", 1, DEFAULT_LAUNCH_DELAY),
                docker(),
                ucr(),
                fields.objects("volumes", RunReader::volume),
                restart(),
                fields.whole("taskKillGracePeriodSeconds", 0),
                fields.map("secrets", this::secret),
                fields.objects("networks", RunReader::network));
        fields.noOthers();
        check(run);
        return run;
    }

    /** What one run may have different from its job. */
    static RunOverrides overrides(Fields fields) {
        RunOverrides overrides = new RunOverrides(
                fields.map("env", (name, value) -> {
                    if (!value.isTextual()) {
                        fields.problem("env/" + name, "expected a string");
                        return null;
                    }
                    return new EnvValue(value.textValue(), false);
                }),
                fields.has("args") ? fields.texts("args") : null,
                fields.textMap("labels"),
                fields.has("cpus") ? fields.number("cpus", LEAST_CPUS, LEAST_CPUS) : null,
                fields.has("mem") ? fields.number("mem", LEAST_MEM, LEAST_MEM) : null);
        fields.noOthers();
        return overrides;
    }

    private void check(RunSpec run) {
        boolean image = run.docker() != null || run.ucr() != null;
        if (run.cmd() != null && run.cmd().isEmpty()) {
            fields.problem("cmd", "must not be empty");
        }
        if (run.cmd() == null && !image) {
            fields.problem("", "needs something to run: cmd, docker.image or ucr.image");
        }
        if (run.docker() != null && run.ucr() != null) {
            fields.problem("", "either docker or ucr may be given, not both");
        }
        if (run.docker() != null && run.gpus() > 0) {
            fields.problem("gpus", "are not available to docker containers; use ucr");
        }
        checkSecrets(run);
        checkNetworks(run.networks(), image);
    }

    private void checkSecrets(RunSpec run) {
        Set<String> used = run.env().values().stream()
                .filter(EnvValue::secret)
                .map(EnvValue::text)
                .collect(Collectors.toCollection(HashSet::new));
        for (Volume volume : run.volumes()) {
            if (volume.secret() != null) {
                used.add(volume.secret());
                if (run.ucr() == null) {
                    fields.problem("volumes", "a secret volume needs ucr");
                }
            }
        }
        for (String name : run.secrets().keySet()) {
            if (!used.contains(name)) {
                fields.problem("secrets", "'" + name + "' is declared but not used");
            }
        }
        for (String name : used) {
            if (!run.secrets().containsKey(name)) {
                fields.problem("secrets", "'" + name + "' is used but not declared");
            }
        }
    }

    private void checkNetworks(List<Network> networks, boolean image) {
        boolean mixed = networks.stream().map(Network::mode).distinct().count() > 1;
        boolean host = networks.stream().allMatch(network -> network.mode() == Network.Mode.HOST);
        if (mixed) {
            fields.problem("networks", "all must be of one mode");
        } else if (networks.size() > 1 && networks.get(0).mode() != Network.Mode.CONTAINER) {
            fields.problem("networks", "only mode container may be given more than once");
        }
        if (!host && !image) {
            fields.problem("networks", "only a docker or ucr container may leave the host's network");
        }
    }

    private List<Constraint> constraints() {
        Fields placement = fields.object("placement");
        if (placement == null) {
            return List.of();
        }
        List<Constraint> constraints = placement.objects("constraints", RunReader::constraint);
        placement.noOthers();
        return constraints;
    }

    private static @Nullable Constraint constraint(Fields constraint) {
        String attribute = constraint.requiredText("attribute");
        String operator = constraint.requiredText("operator");
        String value = constraint.text("value");
        constraint.noOthers();
        Constraint.Operator known =
                switch (operator) {
                    case "IS", "EQ" -> Constraint.Operator.IS;
                    case "LIKE" -> Constraint.Operator.LIKE;
                    case "UNLIKE" -> Constraint.Operator.UNLIKE;
                    default -> null;
                };
        if (known == null) {
            if (!operator.isEmpty()) {
                constraint.problem("operator", "'" + operator + "' is not one of [IS, EQ, LIKE, UNLIKE]");
            }
            return null;
        }
        if (value != null && known != Constraint.Operator.IS) {
            try {
                Pattern.compile(value);
            } catch (PatternSyntaxException e) {
                constraint.problem("value", "is no regular expression: " + e.getDescription());
            }
        }
        return new Constraint(attribute, known, value);
    }

    private @Nullable EnvValue envValue(String key, JsonNode value) {
        if (value.isTextual()) {
            return new EnvValue(value.textValue(), false);
        }
        if (value.isObject()) {
            Fields secret = fields.at("env/" + key, value);
            String name = secret.requiredText("secret");
            secret.noOthers();
            return new EnvValue(name, true);
        }
        fields.problem("env/" + key, "expected a string or {\"secret\": name}");
        return null;
    }

    private @Nullable String secret(String name, JsonNode value) {
        Fields secret = fields.at("secrets/" + name, value);
        String source = secret.requiredText("source");
        secret.noOthers();
        return source;
    }

    private static @Nullable Artifact artifact(Fields artifact) {
        Artifact read = new Artifact(
                artifact.requiredText("uri"),
                artifact.flag("extract", true),
                artifact.flag("executable", false),
                artifact.flag("cache", false));
        artifact.noOthers();
        return read;
    }

    private @Nullable Docker docker() {
        Fields docker = fields.object("docker");
        if (docker == null) {
            return null;
        }
        Docker read = new Docker(
                docker.requiredText("image"),
                docker.flag("forcePullImage", false),
                docker.flag("privileged", false),
                docker.objects("parameters", RunReader::parameter));
        docker.noOthers();
        return read;
    }

    private static Map.@Nullable Entry<String, String> parameter(Fields parameter) {
        Map.Entry<String, String> read = Map.entry(parameter.requiredText("key"), parameter.requiredText("value"));
        parameter.noOthers();
        return read;
    }

    private @Nullable Ucr ucr() {
        Fields ucr = fields.object("ucr");
        if (ucr == null) {
            return null;
        }
        boolean privileged = ucr.flag("privileged", false);
        Fields image = ucr.object("image");
        ucr.noOthers();
        if (image == null) {
            ucr.problem("image", "is required");
            return null;
        }
        Kind kind = image.oneOf("kind", Kind.class);
        Ucr read = new Ucr(
                image.requiredText("id"),
                kind == null ? Kind.docker.name() : kind.name(),
                image.flag("forcePull", false),
                privileged);
        image.noOthers();
        return read;
    }

    private static @Nullable Volume volume(Fields volume) {
        String containerPath = volume.requiredText("containerPath");
        String secret = volume.text("secret");
        String hostPath = volume.text("hostPath");
        Mode mode = volume.oneOf("mode", Mode.class);
        volume.noOthers();
        boolean host = hostPath != null && mode != null;
        if ((secret != null) == (hostPath != null || mode != null) || (secret == null && !host)) {
            volume.problem("", "expected exactly containerPath, hostPath and mode, or containerPath and secret");
            return null;
        }
        return new Volume(containerPath, hostPath, mode == null ? null : mode.name(), secret);
    }

    private Restart restart() {
        Fields restart = fields.object("restart");
        if (restart == null) {
            return new Restart(false, null);
        }
        Policy policy = restart.oneOf("policy", Policy.class);
        Long deadline = restart.whole("activeDeadlineSeconds", 1);
        restart.noOthers();
        return new Restart(policy == Policy.ON_FAILURE, deadline);
    }

    private static @Nullable Network network(Fields network) {
        String mode = network.requiredText("mode");
        String name = network.text("name");
        Map<String, String> labels = network.textMap("labels");
        network.noOthers();
        Network.Mode known =
                switch (mode) {
                    case "host" -> Network.Mode.HOST;
                    case "container/bridge" -> Network.Mode.CONTAINER_BRIDGE;
                    case "container" -> Network.Mode.CONTAINER;
                    default -> null;
                };
        if (known == null) {
            network.problem("mode", "'" + mode + "' is not one of [host, container/bridge, container]");
            return null;
        }
        if (name != null && known != Network.Mode.CONTAINER) {
            network.problem("name", "only a network of mode container has a name");
        }
        return new Network(known, name, labels);
    }
}
