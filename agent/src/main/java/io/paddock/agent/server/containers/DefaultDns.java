package io.paddock.agent.server.containers;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.platform.json.Json;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.ContainerInfo.DockerInfo.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Name servers of containers with a network of their own, by network, in the form of Mesos' {@code --default_container_dns}: a
 * rule with a network's name goes before one without.
 */
public record DefaultDns(List<Rule> rules) {
    public static final DefaultDns NONE = new DefaultDns(List.of());

    private static final String FORM =
            "; expected {\"mesos\":[{\"network_mode\":\"CNI\",\"network_name\":\"n\",\"dns\":"
                    + "{\"nameservers\":[\"10.0.0.1\"]}}],\"docker\":[{\"network_mode\":\"BRIDGE\",\"dns\":{…}}]}";

    /**
     * For some containers.
     *
     * @param mode CNI of containers of type MESOS, BRIDGE or USER of those of type DOCKER
     * @param network of that name only; empty: of any
     * @param resolver a resolv.conf
     */
    public record Rule(String mode, String network, String resolver) {}

    public DefaultDns {
        rules = List.copyOf(rules);
    }

    /** @throws IllegalArgumentException saying what is wrong */
    public static DefaultDns parse(String json) {
        JsonNode node;
        try {
            node = Json.mapper().readTree(json);
        } catch (IOException e) {
            throw new IllegalArgumentException("is not JSON" + FORM, e);
        }
        List<Rule> rules = new ArrayList<>();
        for (JsonNode each : node.path("mesos")) {
            rules.add(rule(each, "mesos", List.of("CNI")));
        }
        for (JsonNode each : node.path("docker")) {
            rules.add(rule(each, "docker", List.of("BRIDGE", "USER")));
        }
        if (rules.isEmpty()) {
            throw new IllegalArgumentException("has no rule in 'mesos' or 'docker'" + FORM);
        }
        return new DefaultDns(rules);
    }

    private static Rule rule(JsonNode rule, String where, List<String> modes) {
        String mode = rule.path("network_mode").asText();
        if (!modes.contains(mode)) {
            throw new IllegalArgumentException(
                    where + ".network_mode: expected one of " + modes + ", got '" + mode + "'");
        }
        JsonNode dns = rule.path("dns");
        StringBuilder text = new StringBuilder();
        dns.path("nameservers")
                .forEach(server ->
                        text.append("nameserver ").append(server.asText()).append('\n'));
        if (dns.has("domain")) {
            text.append("domain ").append(dns.path("domain").asText()).append('\n');
        }
        line(text, "search", dns.path("search"));
        line(text, "options", dns.path("options"));
        if (text.isEmpty()) {
            throw new IllegalArgumentException(where + ".dns: expected nameservers, search or options, got " + dns);
        }
        return new Rule(mode, rule.path("network_name").asText(), text.toString());
    }

    private static void line(StringBuilder text, String word, JsonNode values) {
        if (!values.isEmpty()) {
            text.append(word);
            values.forEach(value -> text.append(' ').append(value.asText()));
            text.append('\n');
        }
    }

    /**
     * The resolv.conf of a container; empty when no rule is for it.
     *
     * @param networks the names of those it has joined
     */
    public Optional<String> resolver(Optional<ContainerInfo> container, List<String> networks) {
        boolean docker = container.isPresent() && container.get().getType() == ContainerInfo.Type.DOCKER;
        Network joined = docker ? container.get().getDocker().getNetwork() : Network.USER;
        String mode = docker ? joined.name() : "CNI";
        return rules.stream()
                .filter(rule -> rule.mode().equals(mode) && networks.contains(rule.network()))
                .findFirst()
                .or(() -> rules.stream()
                        .filter(rule ->
                                rule.mode().equals(mode) && rule.network().isEmpty())
                        .findFirst())
                .filter(rule -> !networks.isEmpty())
                .map(Rule::resolver);
    }
}
