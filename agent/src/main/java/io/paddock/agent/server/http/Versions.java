package io.paddock.agent.server.http;

import io.paddock.proto.v1.VersionInfo;
import java.util.LinkedHashMap;
import java.util.Map;

/** What {@code /version} and GET_VERSION say: the API level first, as tools compare it. */
final class Versions {
    static final String API = "1.11.0";
    private static final String BUILD_DATE = "2026-01-01 00:00:00";
    private static final double BUILD_TIME = 1767225600;
    private static final String BUILD_USER = "paddock";

    private Versions() {}

    static Map<String, Object> json() {
        Map<String, Object> version = new LinkedHashMap<>();
        version.put("version", API);
        version.put("build_date", BUILD_DATE);
        version.put("build_time", BUILD_TIME);
        version.put("build_user", BUILD_USER);
        return version;
    }

    static VersionInfo message() {
        return VersionInfo.newBuilder()
                .setVersion(API)
                .setBuildDate(BUILD_DATE)
                .setBuildTime(BUILD_TIME)
                .setBuildUser(BUILD_USER)
                .build();
    }
}
