package io.paddock.agent.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.OperatingSystemMXBean;
import io.paddock.agent.core.AgentSettings;
import io.paddock.agent.core.Reconfiguration;
import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Ranges;
import io.paddock.common.resources.Reservation;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.platform.flags.OwnAddress;
import io.paddock.platform.json.Json;
import io.paddock.platform.security.JsonFlag;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.Attribute;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** From flags and the machine to what the agent says about itself. Source of the detection rules: Mesos. */
final class AgentDescription {
    /** The API level we speak; schedulers and tools compare it. */
    static final String VERSION = "1.11.0";

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final double MB = 1024.0 * 1024.0;
    private static final Pattern RANGE = Pattern.compile("\\[(\\d+)-(\\d+)]");

    private AgentDescription() {}

    /**
     * Describes the agent.
     *
     * @param port bound
     * @param isolating whether containers are isolated; if not, an attribute says so
     * @throws IllegalArgumentException naming the flag that does not fit
     */
    static AgentSettings settings(AgentOptions options, Path workDir, int port, boolean isolating) {
        InetAddress own = address(options);
        AgentInfo.Builder info = AgentInfo.newBuilder()
                .setHostname(options.identity.hostname(own, () -> hostname(options, own)))
                .setPort(options.identity.port(port))
                .addAllResources(ResourceMessages.toMessages(resources(options, workDir)))
                .addAllAttributes(attributes(JsonFlag.text("--attributes", options.attributes)));
        if (!isolating) {
            info.addAttributes(text(Reconfiguration.ISOLATION, "none"));
        }
        options.identity.domain().ifPresent(info::setDomain);
        return new AgentSettings(
                info.build(),
                VERSION,
                bootId(),
                workDir.toString(),
                own.getHostAddress(),
                options.listen.security.tls().isPresent(),
                environment(JsonFlag.text("--executor-environment-variables", options.executorEnvironment)),
                options.registrationBackoff,
                options.executorRegistrationTimeout,
                options.executorReregistrationTimeout,
                options.executorShutdownGrace,
                options.recoveryTimeout,
                options.maxCompletedExecutors);
    }

    private static InetAddress address(AgentOptions options) {
        String advertised = options.identity.advertiseIp;
        String given = advertised != null ? advertised : options.listen.host;
        try {
            InetAddress address = InetAddress.getByName(given);
            return address.isAnyLocalAddress() ? OwnAddress.find() : address;
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(
                    (advertised != null ? "--advertise-ip" : "--host") + ": '" + given
                            + "' is not an address of this machine",
                    e);
        }
    }

    /** A name others can resolve: the machine's own when it is reachable from outside. */
    private static String hostname(AgentOptions options, InetAddress own) {
        try {
            boolean everywhere = InetAddress.getByName(options.listen.host).isAnyLocalAddress();
            return everywhere ? InetAddress.getLocalHost().getCanonicalHostName() : own.getHostAddress();
        } catch (UnknownHostException e) {
            return own.getHostAddress();
        }
    }

    private static String bootId() {
        try {
            return Files.readString(BOOT_ID).trim();
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** What is given, and for cpus, mem, disk and ports what is detected otherwise. */
    static Resources resources(AgentOptions options, Path workDir) {
        Resources given = given(JsonFlag.text("--resources", options.resources));
        Resources.Builder all = new Resources.Builder();
        all.add(given);
        addMissing(all, given, "cpus", Runtime.getRuntime().availableProcessors());
        addMissing(all, given, "mem", memory());
        addMissing(all, given, "disk", disk(workDir));
        addGpus(all, given, options.policy);
        if (given.amounts().keySet().stream().noneMatch(key -> key.name().equals("ports"))) {
            all.add(ResourceKey.of("ports"), Ranges.of(List.of(new Ranges.Range(31000, 32000))));
        }
        Resources resources = all.build();
        return options.defaultRole.equals("*") ? resources : reserved(resources, options.defaultRole);
    }

    private static Resources reserved(Resources resources, String role) {
        return resources.mapKeys(key -> key.reservations().isEmpty()
                ? key.withReservations(List.of(new Reservation(Reservation.Type.STATIC, role, null, List.of())))
                : key);
    }

    private static Resources given(String text) {
        try {
            if (!text.trim().startsWith("[")) {
                return Resources.parse(text);
            }
            List<Resource> messages = new ArrayList<>();
            for (JsonNode node : Json.mapper().readTree(text)) {
                messages.add(JsonCodec.fromJson(node.toString(), Resource.getDefaultInstance()));
            }
            return ResourceMessages.fromMessages(messages);
        } catch (IllegalArgumentException | IOException e) {
            throw new IllegalArgumentException("--resources: " + e.getMessage(), e);
        }
    }

    private static void addMissing(Resources.Builder all, Resources given, String name, double detected) {
        if (given.amounts().keySet().stream().noneMatch(key -> key.name().equals(name))) {
            all.add(ResourceKey.of(name), Quantity.Scalar.of(Math.floor(detected)));
        }
    }

    /** GPUs that are named must be those that are offered; without a name their number is only a number. */
    private static void addGpus(Resources.Builder all, Resources given, PolicyFlags policy) {
        int devices = policy.gpus().size();
        boolean counted =
                given.amounts().keySet().stream().anyMatch(key -> key.name().equals("gpus"));
        if (policy.gpuDevices != null && counted && given.scalar("gpus") != devices) {
            throw new IllegalArgumentException("--nvidia-gpu-devices: names " + devices
                    + " devices, but --resources offers " + given.scalar("gpus") + " gpus");
        }
        if (devices > 0) {
            addMissing(all, given, "gpus", devices);
        }
    }

    private static double memory() {
        if (!(ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean os)) {
            return 1024;
        }
        double total = os.getTotalMemorySize() / MB;
        return total >= 2048 ? total - 1024 : total / 2;
    }

    private static double disk(Path workDir) {
        try {
            double total = Files.getFileStore(workDir).getTotalSpace() / MB;
            return total >= 10 * 1024 ? total - 5 * 1024 : total / 2;
        } catch (IOException e) {
            throw new UncheckedIOException("--work-dir: " + workDir + ": " + e.getMessage(), e);
        }
    }

    static List<Attribute> attributes(String text) {
        List<Attribute> attributes = new ArrayList<>();
        for (String part : text.split(";")) {
            String item = part.trim();
            if (item.isEmpty()) {
                continue;
            }
            int colon = item.indexOf(':');
            if (colon <= 0 || colon == item.length() - 1) {
                throw new IllegalArgumentException(
                        "--attributes: '" + item + "' is not an attribute; expected name:value, such as rack:r1");
            }
            attributes.add(attribute(
                    item.substring(0, colon).trim(), item.substring(colon + 1).trim()));
        }
        return attributes;
    }

    private static Attribute attribute(String name, String value) {
        Matcher range = RANGE.matcher(value);
        if (range.matches()) {
            Attribute.Builder a = Attribute.newBuilder().setName(name).setType(Value.Type.RANGES);
            a.getRangesBuilder()
                    .addRangeBuilder()
                    .setBegin(Long.parseLong(range.group(1)))
                    .setEnd(Long.parseLong(range.group(2)));
            return a.build();
        }
        try {
            return Attribute.newBuilder()
                    .setName(name)
                    .setType(Value.Type.SCALAR)
                    .setScalar(Value.Scalar.newBuilder().setValue(Double.parseDouble(value)))
                    .build();
        } catch (NumberFormatException e) {
            return text(name, value);
        }
    }

    private static Attribute text(String name, String value) {
        return Attribute.newBuilder()
                .setName(name)
                .setType(Value.Type.TEXT)
                .setText(Value.Text.newBuilder().setValue(value))
                .build();
    }

    private static TreeMap<String, String> environment(String json) {
        TreeMap<String, String> environment = new TreeMap<>();
        try {
            Json.mapper()
                    .readTree(json)
                    .properties()
                    .forEach(e -> environment.put(e.getKey(), e.getValue().asText()));
        } catch (IOException e) {
            throw new IllegalArgumentException("--executor-environment-variables: is not a JSON object", e);
        }
        return environment;
    }
}
