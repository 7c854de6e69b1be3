package io.paddock.agent.server.containers.networks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds private /24 networks that the machine does not use yet. */
final class Subnets {
    private static final int OCTET = 256;

    private Subnets() {}

    /** An IPv4 network: address and mask in host order. */
    record Network(long address, long mask) {
        boolean overlaps(Network other) {
            long common = mask & other.mask;
            return (address & common) == (other.address & common);
        }
    }

    /** The networks the machine has routes to, but for the default route. */
    static List<Network> routes() throws IOException {
        return routes(Files.readAllLines(Path.of("/proc/net/route")));
    }

    /** Reads {@code /proc/net/route}, where numbers are hexadecimal in network order read as little endian. */
    static List<Network> routes(List<String> lines) {
        List<Network> networks = new ArrayList<>();
        for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
            String[] columns = line.split("\\s+", -1);
            long mask = swapped(columns[7]);
            if (mask != 0) {
                networks.add(new Network(swapped(columns[1]), mask));
            }
        }
        return networks;
    }

    private static long swapped(String hexadecimal) {
        return Integer.toUnsignedLong(Integer.reverseBytes(Integer.parseUnsignedInt(hexadecimal, 16)));
    }

    /** The first free of {@code 10.(first … first+count-1).x.0/24}, beginning at a place that the seed decides. */
    static String free(int seed, int first, int count, List<Network> used) throws IOException {
        int candidates = count * OCTET;
        for (int i = 0; i < candidates; i++) {
            int place = Math.floorMod(seed + i, candidates);
            int second = first + place / OCTET;
            int third = place % OCTET;
            Network candidate = new Network(10L << 24 | (long) second << 16 | (long) third << 8, 0xffffff00L);
            if (used.stream().noneMatch(candidate::overlaps)) {
                return "10." + second + "." + third + ".0/24";
            }
        }
        throw new IOException("no free network among 10." + first + ".0.0/24 and the " + candidates + " after it");
    }
}
