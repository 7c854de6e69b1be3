package io.paddock.marathon.server.json;

import static io.paddock.marathon.server.json.AppWriter.NODES;
import static io.paddock.marathon.server.json.AppWriter.text;
import static io.paddock.marathon.server.json.AppWriter.texts;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Container;
import io.paddock.marathon.core.model.Container.Image;
import io.paddock.marathon.core.model.Container.LinuxInfo;
import io.paddock.marathon.core.model.Container.PortMapping;
import io.paddock.marathon.core.model.Container.Volume;

/** Writes containers. */
final class ContainerWriter {
    private ContainerWriter() {}

    static ObjectNode write(App app) {
        Container container = app.container();
        ObjectNode out = NODES.objectNode();
        out.put("type", container.type().name());
        Image image = container.image();
        if (image != null) {
            ObjectNode docker = out.putObject("docker");
            docker.put("forcePullImage", image.forcePull());
            docker.put("image", image.name());
            ArrayNode parameters = docker.putArray("parameters");
            image.parameters()
                    .forEach(p -> parameters.addObject().put("key", p.key()).put("value", p.value()));
            docker.put("privileged", image.privileged());
        }
        if (container.linuxInfo() != null) {
            out.set("linuxInfo", linuxInfo(container.linuxInfo()));
        }
        ArrayNode volumes = out.putArray("volumes");
        for (Volume v : container.volumes()) {
            volumes.addObject()
                    .put("containerPath", v.containerPath())
                    .put("hostPath", v.hostPath())
                    .put("mode", v.readOnly() ? "RO" : "RW");
        }
        if (!app.networking().isHost()) {
            ArrayNode mappings = out.putArray("portMappings");
            container.portMappings().forEach(m -> mappings.add(mapping(m)));
        }
        return out;
    }

    private static ObjectNode mapping(PortMapping m) {
        ObjectNode out = NODES.objectNode().put("containerPort", m.containerPort());
        if (m.hostPort() != null) {
            out.put("hostPort", m.hostPort());
        }
        out.set("labels", AppWriter.map(m.labels()));
        text(out, "name", m.name());
        out.put("protocol", m.protocol());
        out.put("servicePort", m.servicePort());
        texts(out, "networkNames", m.networkNames());
        return out;
    }

    private static ObjectNode linuxInfo(LinuxInfo info) {
        ObjectNode out = NODES.objectNode();
        if (info.seccompProfile() != null || info.seccompUnconfined() != null) {
            ObjectNode seccomp = out.putObject("seccomp");
            text(seccomp, "profileName", info.seccompProfile());
            if (info.seccompUnconfined() != null) {
                seccomp.put("unconfined", info.seccompUnconfined());
            }
        }
        if (info.ipcMode() != null || info.shmSize() != null) {
            ObjectNode ipc = out.putObject("ipcInfo");
            text(ipc, "mode", info.ipcMode());
            if (info.shmSize() != null) {
                ipc.put("shmSize", info.shmSize());
            }
        }
        return out;
    }
}
