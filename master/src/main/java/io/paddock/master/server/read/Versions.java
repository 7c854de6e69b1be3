package io.paddock.master.server.read;

import com.fasterxml.jackson.core.JsonGenerator;
import io.paddock.proto.v1.VersionInfo;
import java.io.IOException;

/** Which version clients are told. The numbers are those of the Mesos API that is spoken; the user says who speaks it. */
final class Versions {
    private static final String BUILD_USER = "paddock";
    private static final String BUILD_DATE = "2026-01-01 00:00:00";
    private static final double BUILD_TIME = 1_767_225_600;

    private Versions() {}

    static void fields(JsonGenerator out, String version) throws IOException {
        out.writeStringField("version", version);
        out.writeStringField("build_date", BUILD_DATE);
        ResourceJson.number(out, "build_time", BUILD_TIME);
        out.writeStringField("build_user", BUILD_USER);
    }

    static VersionInfo message(String version) {
        return VersionInfo.newBuilder()
                .setVersion(version)
                .setBuildDate(BUILD_DATE)
                .setBuildTime(BUILD_TIME)
                .setBuildUser(BUILD_USER)
                .build();
    }
}
