package io.paddock.master.server.read;

import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;

/** The web UI's files, from the class path. Standby masters serve them too; the page finds the leader itself. */
final class WebUi {
    private static final String FILES = "webui";

    private WebUi() {}

    static Route route() {
        return Directives.get(() -> Directives.concat(
                Directives.pathSingleSlash(() -> Directives.getFromResource(FILES + "/index.html")),
                Directives.pathPrefix("webui", () -> Directives.getFromResourceDirectory(FILES))));
    }
}
