package io.paddock.master.server.read;

import io.paddock.master.server.Leadership;
import io.paddock.platform.http.Responses;
import io.paddock.platform.json.Json;
import io.paddock.proto.v1.MasterInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.PathMatchers;
import org.apache.pekko.http.javadsl.server.Route;

/**
 * The web UI's files, from the class path. Every master serves them; {@code /webui/leader} tells the page where the leader is,
 * as a browser may not follow a redirect to another host for data.
 */
final class WebUi {
    private static final String FILES = "webui";
    private static final String PREACT = "org.webjars.npm/preact";

    private WebUi() {}

    static Route route(Leadership leadership) {
        return Directives.get(() -> Directives.respondWithHeaders(
                java.util.List.of(
                        RawHeader.create(
                                "Content-Security-Policy",
                                "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
                        RawHeader.create("X-Content-Type-Options", "nosniff"),
                        RawHeader.create("Referrer-Policy", "same-origin"),
                        RawHeader.create("Cache-Control", "no-cache")),
                () -> Directives.concat(
                        Directives.pathSingleSlash(() -> Directives.getFromResource(FILES + "/index.html")),
                        Directives.path(
                                PathMatchers.segment(FILES).slash("leader"),
                                () -> Directives.extractRequest(
                                        request -> Directives.complete(Responses.json(leader(leadership))))),
                        Directives.pathPrefix(
                                PathMatchers.segment(FILES).slash("preact"),
                                () -> Directives.getFromResourceDirectory(preactFiles())),
                        Directives.pathPrefix(FILES, () -> Directives.getFromResourceDirectory(FILES)))));
    }

    private static byte[] leader(Leadership leadership) {
        boolean here = leadership.leading().isPresent();
        return Json.bytes(leadership
                .leader()
                .map(info -> Map.<String, Object>of("here", here, "address", address(info)))
                .orElseGet(() -> Map.of("here", here)));
    }

    @SuppressWarnings("deprecation") // every master writes hostname and port
    private static String address(MasterInfo leader) {
        return leader.getHostname() + ":" + leader.getPort();
    }

    /** WebJars keep their files under their version, which only their own description knows. */
    private static String preactFiles() {
        try (InputStream in = WebUi.class.getResourceAsStream("/META-INF/maven/" + PREACT + "/pom.properties")) {
            Properties properties = new Properties();
            properties.load(in);
            return "META-INF/resources/webjars/preact/" + properties.getProperty("version") + "/dist";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
