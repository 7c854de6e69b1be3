package io.paddock.master.server;

import static org.apache.pekko.http.javadsl.server.Directives.concat;
import static org.apache.pekko.http.javadsl.server.Directives.path;
import static org.apache.pekko.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static org.apache.pekko.http.javadsl.server.Directives.pathPrefix;

import io.paddock.master.server.read.Viewers;
import io.paddock.platform.security.WatchedFiles;
import io.paddock.platform.security.WatchedFilesRoute;
import org.apache.pekko.http.javadsl.server.Route;

/** Everything on the master's port, below the root and below {@code /master} alike. */
final class MasterRoutes {
    private MasterRoutes() {}

    /**
     * @param viewers say who may use what
     * @param files whose state is told
     * @param limits how fast schedulers may call
     */
    static Route create(
            Leadership leadership, ReadRoutes reads, Viewers viewers, WatchedFiles files, CallLimits limits) {
        Route own = own(leadership, reads, viewers, files, limits);
        return viewers.guard(concat(own, pathPrefix("master", () -> own), reads.route()));
    }

    private static Route own(
            Leadership leadership, ReadRoutes reads, Viewers viewers, WatchedFiles files, CallLimits limits) {
        // Made once: what stands in a supplier is made again for each request that comes so far.
        Route operator = OperatorRoutes.api(leadership, reads);
        Route v1 = concat(SchedulerRoutes.create(leadership, limits), pathEndOrSingleSlash(() -> operator));
        Route link = LinkRoute.create(leadership, viewers);
        Route api = concat(pathPrefix("v1", () -> v1), pathPrefix("paddock", () -> link));
        return concat(
                pathPrefix("api", () -> api),
                OperatorRoutes.teardown(leadership),
                LegacyWrites.create(leadership),
                path("redirect", leadership::redirect),
                WatchedFilesRoute.create(files));
    }
}
