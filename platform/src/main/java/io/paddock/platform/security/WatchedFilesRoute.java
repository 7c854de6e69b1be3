package io.paddock.platform.security;

import io.paddock.platform.http.Responses;
import io.paddock.platform.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.PathMatchers;
import org.apache.pekko.http.javadsl.server.Route;

/** {@code GET /security/files}: which files are watched, since when each is in force, and why its newest contents are not. */
public final class WatchedFilesRoute {
    private WatchedFilesRoute() {}

    public static Route create(WatchedFiles files) {
        return Directives.path(
                PathMatchers.segment("security").slash("files"),
                () -> Directives.get(
                        () -> Directives.complete(Responses.json(Json.bytes(Map.of("files", describe(files)))))));
    }

    private static List<Map<String, Object>> describe(WatchedFiles files) {
        List<Map<String, Object>> list = new ArrayList<>();
        for (WatchedFiles.Status status : files.status()) {
            Map<String, Object> file = new LinkedHashMap<>();
            file.put("flag", status.flag());
            file.put("file", status.file().toString());
            file.put("loaded_time", status.loadedAt().toEpochMilli() / 1000.0);
            file.put("reloads", status.reloads());
            if (status.refused() != null) {
                file.put("refused", status.refused());
            }
            list.add(file);
        }
        return list;
    }
}
