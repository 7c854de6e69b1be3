package io.paddock.platform.security;

import java.util.List;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/** The many names of one endpoint: below the server's own name, and with the ending that old tools use. */
public final class EndpointPath {
    private static final List<String> SERVERS = List.of("/master", "/slave(1)");
    private static final String ENDING = ".json";

    private EndpointPath() {}

    /** The path of a request as routes see it: an escaped letter is that letter. */
    public static String of(HttpRequest request) {
        StringBuilder path = new StringBuilder();
        request.getUri().pathSegments().forEach(segment -> path.append('/').append(segment));
        return path.length() == 0 ? "/" : path.toString();
    }

    /** {@code /state} for {@code /master/state.json}. */
    public static String plain(String path) {
        String plain = path;
        for (String server : SERVERS) {
            if (plain.startsWith(server + "/")) {
                plain = plain.substring(server.length());
            }
        }
        return withoutEnding(plain);
    }

    /** {@code /master/state} for {@code /master/state.json}. */
    static String withoutEnding(String path) {
        return path.endsWith(ENDING) ? path.substring(0, path.length() - ENDING.length()) : path;
    }
}
