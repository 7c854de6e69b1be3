package io.paddock.batch.server.json;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.batch.core.RunSpec;
import io.paddock.batch.core.RunSpec.Network;

/** Writes the {@code run} part of a job; {@link RunReader} reads it back. */
final class RunWriter {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private RunWriter() {}

    static ObjectNode run(RunSpec run) {
        ObjectNode node = JSON.objectNode();
        number(node, "cpus", run.cpus());
        number(node, "mem", run.mem());
        number(node, "disk", run.disk());
        node.put("gpus", run.gpus());
        if (run.cmd() != null) {
            node.put("cmd", run.cmd());
        }
        if (run.args() != null) {
            ArrayNode args = node.putArray("args");
            run.args().forEach(args::add);
        }
        if (run.user() != null) {
            node.put("user", run.user());
        }
        ObjectNode env = node.putObject("env");
        run.env().forEach((name, value) -> {
            if (value.secret()) {
                env.putObject(name).put("secret", value.text());
            } else {
                env.put(name, value.text());
            }
        });
        placement(node, run);
        artifacts(node, run);
        node.put("maxLaunchDelay", run.maxLaunchDelaySeconds());
        images(node, run);
        volumes(node, run);
        ObjectNode restart = node.putObject("restart");
        restart.put("policy", run.restart().onFailure() ? "ON_FAILURE" : "NEVER");
        if (run.restart().activeDeadlineSeconds() != null) {
            restart.put("activeDeadlineSeconds", run.restart().activeDeadlineSeconds());
        }
        if (run.killGraceSeconds() != null) {
            node.put("taskKillGracePeriodSeconds", run.killGraceSeconds());
        }
        ObjectNode secrets = node.putObject("secrets");
        run.secrets().forEach((name, source) -> secrets.putObject(name).put("source", source));
        networks(node, run);
        return node;
    }

    /** As people write it: 32, not 32.0. */
    private static void number(ObjectNode node, String name, double value) {
        if (value == Math.rint(value)) {
            node.put(name, (long) value);
        } else {
            node.put(name, value);
        }
    }

    private static void placement(ObjectNode node, RunSpec run) {
        ArrayNode constraints = node.putObject("placement").putArray("constraints");
        for (RunSpec.Constraint constraint : run.constraints()) {
            ObjectNode entry = constraints.addObject();
            entry.put("attribute", constraint.attribute());
            entry.put("operator", constraint.operator().name());
            if (constraint.value() != null) {
                entry.put("value", constraint.value());
            }
        }
    }

    private static void artifacts(ObjectNode node, RunSpec run) {
        ArrayNode artifacts = node.putArray("artifacts");
        for (RunSpec.Artifact artifact : run.artifacts()) {
            artifacts
                    .addObject()
                    .put("uri", artifact.uri())
                    .put("extract", artifact.extract())
                    .put("executable", artifact.executable())
                    .put("cache", artifact.cache());
        }
    }

    private static void images(ObjectNode node, RunSpec run) {
        if (run.docker() != null) {
            ObjectNode docker = node.putObject("docker");
            docker.put("image", run.docker().image());
            docker.put("forcePullImage", run.docker().forcePullImage());
            docker.put("privileged", run.docker().privileged());
            ArrayNode parameters = docker.putArray("parameters");
            run.docker()
                    .parameters()
                    .forEach(parameter -> parameters
                            .addObject()
                            .put("key", parameter.getKey())
                            .put("value", parameter.getValue()));
        }
        if (run.ucr() != null) {
            ObjectNode ucr = node.putObject("ucr");
            ucr.putObject("image")
                    .put("id", run.ucr().imageId())
                    .put("kind", run.ucr().kind())
                    .put("forcePull", run.ucr().forcePull());
            ucr.put("privileged", run.ucr().privileged());
        }
    }

    private static void volumes(ObjectNode node, RunSpec run) {
        ArrayNode volumes = node.putArray("volumes");
        for (RunSpec.Volume volume : run.volumes()) {
            ObjectNode entry = volumes.addObject().put("containerPath", volume.containerPath());
            if (volume.secret() != null) {
                entry.put("secret", volume.secret());
            } else {
                entry.put("hostPath", volume.hostPath());
                entry.put("mode", volume.mode());
            }
        }
    }

    private static void networks(ObjectNode node, RunSpec run) {
        ArrayNode networks = node.putArray("networks");
        for (Network network : run.networks()) {
            ObjectNode entry = networks.addObject();
            entry.put(
                    "mode",
                    switch (network.mode()) {
                        case HOST -> "host";
                        case CONTAINER_BRIDGE -> "container/bridge";
                        case CONTAINER -> "container";
                    });
            if (network.name() != null) {
                entry.put("name", network.name());
            }
            ObjectNode labels = entry.putObject("labels");
            network.labels().forEach(labels::put);
        }
    }
}
