package io.paddock.master.server;

import static org.apache.pekko.http.javadsl.server.Directives.concat;
import static org.apache.pekko.http.javadsl.server.Directives.path;
import static org.apache.pekko.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static org.apache.pekko.http.javadsl.server.Directives.pathPrefix;

import org.apache.pekko.http.javadsl.server.Route;

/** Everything on the master's port, below the root and below {@code /master} alike. */
final class MasterRoutes {
    private MasterRoutes() {}

    static Route create(Leadership leadership, ReadRoutes reads) {
        Route own = own(leadership, reads);
        return concat(own, pathPrefix("master", () -> own), reads.route());
    }

    private static Route own(Leadership leadership, ReadRoutes reads) {
        return concat(
                pathPrefix(
                        "api",
                        () -> concat(
                                pathPrefix(
                                        "v1",
                                        () -> concat(
                                                SchedulerRoutes.create(leadership),
                                                pathEndOrSingleSlash(() -> OperatorRoutes.api(leadership, reads)))),
                                pathPrefix("paddock", () -> LinkRoute.create(leadership)))),
                OperatorRoutes.teardown(leadership),
                LegacyWrites.create(leadership),
                pathPrefix("offers", () -> OperatorRoutes.why(leadership)),
                path("redirect", leadership::redirect));
    }
}
