package io.paddock.marathon.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.MarathonView;
import io.paddock.platform.json.Json;

/** {@code /v2/info}: what this marathon is. */
public final class InfoResource {
    /** As old clients compare it: they need one of at least 1.5 and below 2. */
    static final String VERSION = "1.11.24";

    private final ObjectNode config;
    private final ObjectNode zookeeper;

    /**
     * @param config what it was started with, in Marathon's names
     * @param zookeeper where its state is
     */
    public InfoResource(ObjectNode config, ObjectNode zookeeper) {
        this.config = config;
        this.zookeeper = zookeeper;
    }

    ObjectNode write(MarathonView view, String leader, int port) {
        ObjectNode out = Json.mapper().createObjectNode();
        out.put("name", "marathon").put("version", VERSION).put("buildref", "paddock");
        out.put("elected", true).put("leader", leader).put("frameworkId", view.frameworkId());
        out.set("marathon_config", config);
        out.set("zookeeper_config", zookeeper);
        out.putObject("http_config").put("http_port", port).putNull("https_port");
        return out;
    }
}
