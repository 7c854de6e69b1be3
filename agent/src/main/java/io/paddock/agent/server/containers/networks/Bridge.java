package io.paddock.agent.server.containers.networks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The bridge network every agent has without configuration: a Linux bridge of its own with a /24 network of private
 * addresses that nothing else on the machine uses. Going out is masqueraded by one rule for the whole bridge, which is
 * three times cheaper than one per container.
 */
final class Bridge {
    private static final String CHOSEN = "subnet";
    private static final int SECOND_OCTET = 64;
    private static final int OCTETS = 64;

    private final String interfaceName;
    private final Path directory;
    private final Tools tools;
    private boolean open;

    /**
     * @param interfaceName at most 15 characters, unique on the machine
     * @param directory of addresses given out and the subnet chosen
     */
    Bridge(String interfaceName, Path directory, Tools tools) {
        this.interfaceName = interfaceName;
        this.directory = directory;
        this.tools = tools;
    }

    /** Its configuration; the first call makes the rules it needs. */
    synchronized NetworkList network() throws IOException {
        String subnet = subnet();
        if (!open) {
            for (List<String> rule : rules(subnet)) {
                ensure(rule);
            }
            open = true;
        }
        return configuration(subnet);
    }

    private NetworkList configuration(String subnet) {
        ObjectNode bridge = Json.mapper().createObjectNode();
        bridge.put("type", "bridge")
                .put("bridge", interfaceName)
                .put("isGateway", true)
                .put("hairpinMode", true);
        ObjectNode addresses = bridge.putObject("ipam")
                .put("type", "host-local")
                .put("dataDir", directory.resolve("addresses").toString());
        addresses.putArray("ranges").addArray().addObject().put("subnet", subnet);
        addresses.putArray("routes").addObject().put("dst", "0.0.0.0/0");
        ObjectNode ports =
                Json.mapper().createObjectNode().put("type", "portmap").put("snat", true);
        ports.putObject("capabilities").put("portMappings", true);
        return new NetworkList(interfaceName, "0.4.0", List.of(bridge, ports));
    }

    /** What leaves the bridge gets the host's address, and is forwarded even where the default is not to. */
    private List<List<String>> rules(String subnet) {
        return List.of(
                List.of("nat", "POSTROUTING", "-s", subnet, "!", "-o", interfaceName, "-j", "MASQUERADE"),
                List.of("filter", "FORWARD", "-i", interfaceName, "-j", "ACCEPT"),
                List.of("filter", "FORWARD", "-o", interfaceName, "-j", "ACCEPT"));
    }

    private void ensure(List<String> rule) throws IOException {
        if (tools.attempt(iptables("-C", rule), new Cancellation()).code() != 0) {
            tools.run(iptables("-A", rule));
        }
    }

    private static ToolCall iptables(String action, List<String> rule) {
        List<String> argv = new ArrayList<>(List.of("iptables", "-w", "30", "-t", rule.get(0), action));
        argv.addAll(rule.subList(1, rule.size()));
        return ToolCall.of(argv);
    }

    private String subnet() throws IOException {
        Path file = directory.resolve(CHOSEN);
        if (Files.exists(file)) {
            return Files.readString(file);
        }
        Durable.createPrivate(directory);
        String chosen = Subnets.free(interfaceName.hashCode(), SECOND_OCTET, OCTETS, Subnets.routes());
        Durable.write(file, chosen.getBytes(StandardCharsets.UTF_8));
        return chosen;
    }

    /** Removes the bridge and its rules, if they were made by this agent or an earlier run of it. */
    synchronized void close() throws IOException {
        Path file = directory.resolve(CHOSEN);
        if (!Files.exists(file)) {
            return;
        }
        for (List<String> rule : rules(Files.readString(file))) {
            tools.attempt(iptables("-D", rule), new Cancellation());
        }
        if (Files.exists(Path.of("/sys/class/net", interfaceName))) {
            Optional<Path> ip = Tools.find("ip");
            if (ip.isEmpty()) {
                throw new IOException("ip (iproute2) is not installed: bridge " + interfaceName + " stays");
            }
            tools.run(ToolCall.of(ip.get().toString(), "link", "delete", interfaceName));
        }
        open = false;
    }
}
