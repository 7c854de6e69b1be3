package io.paddock.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.Resource;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code paddock unreserve AGENT [AMOUNTS] --role ROLE} */
@Command(
        name = "unreserve",
        description = {
            "Gives back what is reserved to a role on an agent: these amounts, or all but its volumes.",
            "Reservations made by the agent's own flags stay; volumes are to be destroyed first."
        })
final class UnreserveCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Option(names = "--role", required = true, paramLabel = "ROLE", description = "To whom they are reserved.")
    String role = "";

    @Parameters(index = "0", paramLabel = "AGENT", description = "Its id, the start of it, host or host:port.")
    String agent = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "AMOUNTS",
            converter = Amounts.class,
            description = "cpus=2,mem=1g; all there is if not given.")
    @Nullable
    Resources amounts;

    @Override
    public Integer call() {
        JsonHttp master = cluster.master();
        NamedAgent meant = NamedAgent.of(master, agent);
        Resources there = ResourceMessages.fromMessages(AgentReservations.of(meant).reserved().stream()
                .filter(resource -> AgentReservations.isDynamic(resource) && !AgentReservations.isVolume(resource))
                .filter(resource -> AgentReservations.last(resource).getRole().equals(role))
                .toList());
        if (there.isEmpty()) {
            throw new CommandFailed("nothing is reserved to role " + role + " on agent " + meant.id()
                    + " but by its own flags; 'paddock reservations' lists what is");
        }
        Resources given = amounts == null ? there : part(there, amounts);
        OperatorCall call = OperatorCall.of("UNRESERVE_RESOURCES").about(meant.id());
        ArrayNode resources = call.parameters().putArray("resources");
        for (Resource resource : ResourceMessages.toMessages(given)) {
            ReserveCommand.add(resources, resource);
        }
        call.send(master);
        return output.done(
                "unreserved", (amounts == null ? given.mapKeys(UnreserveCommand::bare) : amounts).toString());
    }

    private static ResourceKey bare(ResourceKey key) {
        return key.withReservations(List.of());
    }

    /** That much of each, of the reservation that has so much. */
    private Resources part(Resources there, Resources wanted) {
        Resources.Builder part = new Resources.Builder();
        wanted.amounts().forEach((key, quantity) -> {
            Resources one = there.amounts().keySet().stream()
                    .filter(candidate -> candidate.name().equals(key.name()))
                    .map(candidate -> Resources.of(candidate, quantity))
                    .filter(there::contains)
                    .findFirst()
                    .orElseThrow(() -> new CommandFailed("no reservation of role " + role + " has "
                            + Resources.of(key, quantity) + "; it has "
                            + there.mapKeys(UnreserveCommand::bare)));
            part.add(one);
        });
        return part.build();
    }
}
