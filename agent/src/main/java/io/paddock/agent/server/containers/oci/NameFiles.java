package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.DefaultDns;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.proto.v1.NetworkInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The files by which a container resolves names, where the host's would not be right. */
final class NameFiles {
    private static final Path HOSTS = Path.of("/etc/hosts");
    /** Of a name that no network knows: Debian's usage. */
    private static final String OWN_NAME = "127.0.1.1";

    private static final Path HOST_RESOLVER = Path.of("/etc/resolv.conf");
    /** Where systemd-resolved keeps the real servers when /etc/resolv.conf names only its own loopback one. */
    private static final Path REAL_RESOLVER = Path.of("/run/systemd/resolve/resolv.conf");

    private NameFiles() {}

    /** @param ownNetwork whether the container has a network namespace other than the host's */
    static void prepare(OciLaunch oci, boolean ownNetwork, DefaultDns dns) throws IOException {
        ContainerRecord record = oci.record();
        String id = oci.spec().id().getValue();
        Optional<String> given = oci.hostname();
        String hostname = given.orElse(ownNetwork ? id : "");
        if (!hostname.isEmpty()) {
            oci.config().hostname(hostname);
            bind(oci, record, "hostname", hostname + "\n");
        }
        if (ownNetwork) {
            bind(oci, record, "hosts", hosts(oci.networks(), given.isPresent() ? hostname + " " + id : id));
            List<String> joined =
                    oci.networks().stream().map(NetworkInfo::getName).toList();
            Optional<String> usual = dns.resolver(oci.spec().container(), joined);
            bind(oci, record, "resolv.conf", usual.isPresent() ? usual.get() : resolver());
            return;
        }
        if (given.isPresent() || oci.image() != null) {
            // A copy: an image must not be able to change the host's.
            bind(oci, record, "hosts", withName(read(HOSTS), hostname));
        }
        if (oci.image() != null) {
            bind(oci, record, "resolv.conf", read(HOST_RESOLVER));
        }
    }

    /** The host's names, and that of a container on its network where that is another one. */
    private static String withName(String hosts, String hostname) {
        boolean known = hostname.isEmpty()
                || hosts.lines()
                        .map(line -> line.replaceFirst("#.*", "").strip().split("\\s+"))
                        .anyMatch(words -> Arrays.asList(words).indexOf(hostname) > 0);
        return known ? hosts : hosts + (hosts.endsWith("\n") ? "" : "\n") + OWN_NAME + " " + hostname + "\n";
    }

    private static void bind(OciLaunch oci, ContainerRecord record, String name, String content) throws IOException {
        Path inside = Path.of("/etc", name);
        if (oci.image() == null && !Files.exists(inside)) {
            return;
        }
        Path file = record.file(name);
        Durable.naming(file, () -> Files.writeString(file, content));
        Files.setPosixFilePermissions(file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
        oci.config().bind(file, inside.toString(), false);
    }

    private static String hosts(List<NetworkInfo> networks, String names) {
        StringBuilder hosts = new StringBuilder("127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n");
        String address = networks.stream()
                .flatMap(network -> network.getIpAddressesList().stream())
                .map(NetworkInfo.IPAddress::getIpAddress)
                .findFirst()
                .orElse("127.0.0.1");
        return hosts.append(address).append(' ').append(names).append('\n').toString();
    }

    /** The host's, but for servers on its loopback, which mean nothing in another namespace. */
    private static String resolver() throws IOException {
        String text = reachable(read(HOST_RESOLVER));
        return text.contains("nameserver") ? text : reachable(read(REAL_RESOLVER));
    }

    private static String reachable(String resolver) {
        List<String> kept = new ArrayList<>();
        for (String line : resolver.lines().toList()) {
            if (!line.matches("\\s*nameserver\\s+(127\\..*|::1.*)")) {
                kept.add(line);
            }
        }
        return String.join("\n", kept) + "\n";
    }

    private static String read(Path file) throws IOException {
        return Files.exists(file) ? Files.readString(file) : "";
    }
}
