package io.paddock.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.paddock.common.Identifiers;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.Volume;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code paddock volumes}: persistent volumes, which outlive the tasks that use them. */
@Command(
        name = "volumes",
        description = "Lists persistent volumes of agents; with a subcommand makes and destroys them.")
final class VolumesCommand extends Listing {
    @Override
    int list() {
        Table table = Table.of("ID", "AGENT", "ROLE", ">SIZE", "PATH", "=SHARED");
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (AgentReservations agent : AgentReservations.all(cluster.master())) {
            all.addAll(agent.json(true));
            for (Resource volume : agent.volumes()) {
                table.row(
                        id(volume),
                        agent.host(),
                        AgentReservations.last(volume).getRole(),
                        Words.megabytes(volume.getScalar().getValue()),
                        volume.getDisk().getVolume().getContainerPath(),
                        volume.hasShared() ? "yes" : "no");
            }
        }
        return output.answer(all, () -> table);
    }

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description =
                    "Makes a volume of disk that is reserved to a role on an agent; 'paddock reserve' reserves it.")
    int create(
            @Parameters(index = "0", paramLabel = "AGENT") String agent,
            @Parameters(index = "1", paramLabel = "ID", description = "What the volume is called, on this agent.")
                    String id,
            @Option(
                            names = "--role",
                            required = true,
                            paramLabel = "ROLE",
                            description = "To whom the disk is reserved.")
                    String role,
            @Option(
                            names = {"-s", "--size"},
                            required = true,
                            paramLabel = "SIZE",
                            converter = RunFlags.Megabytes.class,
                            description = "In MB, or with a unit: 10g.")
                    double size,
            @Option(
                            names = "--path",
                            required = true,
                            paramLabel = "PATH",
                            description = "Where tasks see it in their sandbox.")
                    String path,
            @Option(names = "--shared", description = "Several tasks may use it at once.") boolean shared) {
        Identifiers.check("ID", id).ifPresent(rejection -> {
            throw new IllegalArgumentException(rejection.message());
        });
        JsonHttp master = cluster.master();
        NamedAgent meant = NamedAgent.of(master, agent);
        Resource disk = AgentReservations.of(meant).reserved().stream()
                .filter(resource -> resource.getName().equals("disk") && !AgentReservations.isVolume(resource))
                .filter(resource -> AgentReservations.last(resource).getRole().equals(role))
                .filter(resource -> resource.getScalar().getValue() >= size)
                .findFirst()
                .orElseThrow(() -> new CommandFailed("no " + Words.megabytes(size) + " of disk are reserved to role "
                        + role + " on agent " + meant.id() + "; 'paddock reserve " + agent + " disk="
                        + Words.number(size)
                        + " --role " + role + "' reserves them"));
        Resource.Builder volume = disk.toBuilder();
        volume.getScalarBuilder().setValue(size);
        volume.getDiskBuilder().getPersistenceBuilder().setId(id);
        if (cluster.principal != null) {
            volume.getDiskBuilder().getPersistenceBuilder().setPrincipal(cluster.principal);
        }
        volume.getDiskBuilder().getVolumeBuilder().setMode(Volume.Mode.RW).setContainerPath(path);
        if (shared) {
            volume.setShared(Resource.SharedInfo.getDefaultInstance());
        }
        send(master, "CREATE_VOLUMES", meant, volume.build());
        return output.done("created", id);
    }

    @Command(
            name = "rm",
            mixinStandardHelpOptions = true,
            description = "Destroys a volume and what is in it; the disk stays reserved.")
    int remove(
            @Parameters(index = "0", paramLabel = "AGENT") String agent,
            @Parameters(index = "1", paramLabel = "ID") String id) {
        JsonHttp master = cluster.master();
        NamedAgent meant = NamedAgent.of(master, agent);
        List<Resource> volumes = AgentReservations.of(meant).volumes();
        Resource volume = volumes.stream()
                .filter(each -> id(each).equals(id))
                .findFirst()
                .orElseThrow(() -> new CommandFailed("agent " + meant.id() + " has no volume " + id + "; it has "
                        + volumes.stream().map(VolumesCommand::id).toList()));
        send(master, "DESTROY_VOLUMES", meant, volume);
        return output.done("destroyed", id);
    }

    private static void send(JsonHttp master, String type, NamedAgent agent, Resource volume) {
        OperatorCall call = OperatorCall.of(type).about(agent.id());
        ReserveCommand.add(call.parameters().putArray("volumes"), volume);
        call.send(master);
    }

    private static String id(Resource volume) {
        return volume.getDisk().getPersistence().getId();
    }
}
