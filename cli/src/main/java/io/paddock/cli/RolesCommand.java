package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code paddock roles} */
@Command(
        name = "roles",
        description = "Lists roles: their weight, what they use and are offered, what is reserved to them.")
final class RolesCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Override
    public Integer call() {
        JsonNode roles = cluster.master().get("/roles").path("roles");
        return output.answer(roles, () -> table(roles));
    }

    private static Table table(JsonNode roles) {
        Table table = Table.of("ROLE", ">WEIGHT", ">FRAMEWORKS", "USED", "OFFERED", "RESERVED", "=QUOTA");
        for (JsonNode role : roles) {
            JsonNode quota = role.path("quota");
            table.row(
                    role.path("name").asText(),
                    Words.number(role.path("weight").asDouble(1)),
                    role.path("frameworks").size(),
                    Words.resources(role.path("allocated")),
                    Words.resources(role.path("offered")),
                    Words.resources(role.path("reserved")),
                    quota.path("guarantee").isEmpty() && quota.path("limit").isEmpty() ? "-" : "yes");
        }
        return table;
    }
}
