package io.paddock.platform.zookeeper;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a key lives: {@code <collection>/<bucket>/<name>}. Buckets keep the list of a node's children short enough for one
 * answer of ZooKeeper, whatever the number of names; the name is URL-encoded, as it may hold slashes.
 */
final class StateKeys {
    private static final Pattern KEY = Pattern.compile("([A-Za-z0-9_-][A-Za-z0-9_.-]*)/(.+)", Pattern.DOTALL);
    private static final int BUCKETS = 256;
    private static final int BYTES_AROUND_A_WRITE = 200;

    private StateKeys() {}

    /** The node's path below the root, without a leading slash. */
    static String toPath(String key) {
        Matcher m = matched(key);
        String name = m.group(2);
        String bucket = String.format("%02x", Math.floorMod(name.hashCode(), BUCKETS));
        return m.group(1) + "/" + bucket + "/" + encode(name);
    }

    static String key(String collection, String encodedName) {
        return collection + "/" + URLDecoder.decode(encodedName.substring(1), StandardCharsets.UTF_8);
    }

    static void checkSize(List<StateStore.Write> batch) {
        long bytes = 0;
        String largest = "";
        long most = -1;
        for (StateStore.Write write : batch) {
            matched(write.key());
            long size = BYTES_AROUND_A_WRITE
                    + 3L * write.key().length()
                    + (write instanceof StateStore.Write.Put put ? put.value().length : 0);
            bytes += size;
            if (size > most) {
                most = size;
                largest = write.key();
            }
        }
        if (bytes > StateStore.MAX_BATCH_BYTES) {
            throw new StateStore.TooLargeException("A batch of " + batch.size() + " writes has " + bytes
                    + " bytes; at most " + StateStore.MAX_BATCH_BYTES + " can be written at once. The largest is '"
                    + largest + "' with " + most + " bytes");
        }
    }

    /** An underscore in front keeps names such as {@code .} and {@code zookeeper} from meaning something. */
    private static String encode(String name) {
        return "_" + URLEncoder.encode(name, StandardCharsets.UTF_8);
    }

    private static Matcher matched(String key) {
        Matcher m = KEY.matcher(key);
        if (!m.matches()) {
            throw new IllegalArgumentException("'" + key + "' is not a key; expected collection/name");
        }
        return m;
    }
}
