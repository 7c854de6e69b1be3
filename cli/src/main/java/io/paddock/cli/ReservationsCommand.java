package io.paddock.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.paddock.proto.v1.Label;
import io.paddock.proto.v1.Resource;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code paddock reservations} */
@Command(
        name = "reservations",
        description = "Lists what is reserved to roles on agents, volumes apart; 'reserve' and 'unreserve' change it.")
final class ReservationsCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Override
    public Integer call() {
        Table table = Table.of("AGENT", "ROLE", "=KIND", "RESOURCES", "PRINCIPAL", "LABELS");
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (AgentReservations agent : AgentReservations.all(cluster.master())) {
            all.addAll(agent.json(false));
            for (Resource resource : agent.reserved()) {
                if (!AgentReservations.isVolume(resource)) {
                    row(table, agent.host(), resource);
                }
            }
        }
        return output.answer(all, () -> table);
    }

    private static void row(Table table, String host, Resource resource) {
        Resource.ReservationInfo reservation = AgentReservations.last(resource);
        table.row(
                host,
                reservation.getRole(),
                reservation.getType().name().toLowerCase(Locale.ROOT),
                Words.resource(resource),
                reservation.getPrincipal(),
                reservation.getLabels().getLabelsList().stream()
                        .map(ReservationsCommand::text)
                        .collect(Collectors.joining(",")));
    }

    private static String text(Label label) {
        return label.hasValue() ? label.getKey() + "=" + label.getValue() : label.getKey();
    }
}
