package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.common.resources.Resources;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code paddock quota} */
@Command(
        name = "quota",
        description =
                "Lists what roles are guaranteed and limited to, and what they have; with a subcommand changes it.")
final class QuotaCommand extends Listing {
    @Override
    int list() {
        ArrayNode quotas = quotas();
        return output.answer(quotas, () -> table(quotas));
    }

    private static Table table(JsonNode quotas) {
        Table table = Table.of("ROLE", "GUARANTEED", "AT MOST", "HAS");
        for (JsonNode quota : quotas) {
            table.row(
                    quota.path("role").asText(),
                    orDash(quota.path("guarantee")),
                    orDash(quota.path("limit")),
                    orDash(quota.path("consumed")));
        }
        return table;
    }

    @Command(
            name = "set",
            mixinStandardHelpOptions = true,
            description = "Gives a role a quota in place of the one it has. It covers the roles below it too.")
    int set(
            @Parameters(paramLabel = "ROLE") String role,
            @Option(
                            names = {"-g", "--guarantee"},
                            paramLabel = "AMOUNTS",
                            converter = Amounts.class,
                            description = "What is kept free for it while it has less: cpus=8,mem=64g.")
                    @Nullable
                    Resources guarantee,
            @Option(
                            names = {"-l", "--limit"},
                            paramLabel = "AMOUNTS",
                            converter = Amounts.class,
                            description = "More than this it is not offered: cpus=16,mem=128g.")
                    @Nullable
                    Resources limit,
            @Option(
                            names = {"-f", "--force"},
                            description = "Also where the agents cannot hold the guarantees, or it has more already.")
                    boolean force) {
        if (guarantee == null && limit == null) {
            throw new IllegalArgumentException(
                    "say --guarantee, --limit or both; 'paddock quota rm' removes a role's quota");
        }
        OperatorCall call = OperatorCall.of("UPDATE_QUOTA");
        ObjectNode config = call.parameters()
                .put("force", force)
                .putArray("quota_configs")
                .addObject()
                .put("role", role);
        amounts(config, "guarantees", "--guarantee", guarantee);
        amounts(config, "limits", "--limit", limit);
        call.send(cluster.master());
        return output.done("set", role);
    }

    @Command(name = "rm", mixinStandardHelpOptions = true, description = "Takes roles' quotas away: all or none.")
    int remove(@Parameters(arity = "1..*", paramLabel = "ROLE") List<String> roles) {
        ArrayNode quotas = quotas();
        OperatorCall call = OperatorCall.of("UPDATE_QUOTA");
        ArrayNode configs = call.parameters().putArray("quota_configs");
        for (String role : roles) {
            if (quotas.findValuesAsText("role").stream().noneMatch(role::equals)) {
                throw new CommandFailed("role " + role + " has no quota; 'paddock quota' lists those that have one");
            }
            configs.addObject().put("role", role);
        }
        call.send(cluster.master());
        roles.forEach(role -> output.done("removed", role));
        return 0;
    }

    private ArrayNode quotas() {
        ArrayNode quotas = JsonNodeFactory.instance.arrayNode();
        for (JsonNode role : cluster.master().get("/roles").path("roles")) {
            JsonNode quota = role.path("quota");
            if (!quota.path("guarantee").isEmpty() || !quota.path("limit").isEmpty()) {
                quotas.add(quota);
            }
        }
        return quotas;
    }

    private static void amounts(ObjectNode config, String field, String flag, @Nullable Resources amounts) {
        if (amounts != null) {
            ObjectNode values = config.putObject(field);
            Amounts.numbers(flag, amounts)
                    .forEach((name, value) -> values.putObject(name).put("value", value));
        }
    }

    private static String orDash(JsonNode amounts) {
        String text = Words.resources(amounts);
        return text.isEmpty() ? "-" : text;
    }
}
