package io.paddock.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.Label;
import io.paddock.proto.v1.Resource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code paddock reserve AGENT AMOUNTS --role ROLE} */
@Command(
        name = "reserve",
        description =
                "Reserves resources of an agent, which nothing uses, to a role: 'reserve a1 cpus=2,mem=1g --role web'.")
final class ReserveCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Option(names = "--role", required = true, paramLabel = "ROLE", description = "Who is offered them from now on.")
    String role = "";

    @Option(
            names = {"-l", "--label"},
            paramLabel = "NAME=VALUE",
            description = "A label of the reservation, which sets it apart from others; may be repeated.")
    Map<String, String> labels = new LinkedHashMap<>();

    @Parameters(index = "0", paramLabel = "AGENT", description = "Its id, the start of it, host or host:port.")
    String agent = "";

    @Parameters(
            index = "1",
            paramLabel = "AMOUNTS",
            converter = Amounts.class,
            description = "cpus=2,mem=1g,disk=10g,ports=[31000-31005]")
    Resources amounts = Resources.EMPTY;

    @Override
    public Integer call() {
        JsonHttp master = cluster.master();
        NamedAgent meant = NamedAgent.of(master, agent);
        Resource.ReservationInfo.Builder reservation = Resource.ReservationInfo.newBuilder()
                .setType(Resource.ReservationInfo.Type.DYNAMIC)
                .setRole(role);
        if (cluster.principal != null) {
            reservation.setPrincipal(cluster.principal);
        }
        labels.forEach((name, value) -> reservation
                .getLabelsBuilder()
                .addLabels(Label.newBuilder().setKey(name).setValue(value)));
        OperatorCall call = OperatorCall.of("RESERVE_RESOURCES").about(meant.id());
        ArrayNode resources = call.parameters().putArray("resources");
        for (Resource resource : ResourceMessages.toMessages(amounts)) {
            add(resources, resource.toBuilder().addReservations(reservation).build());
        }
        call.send(master);
        return output.done("reserved", amounts.toString());
    }

    static void add(ArrayNode resources, Resource resource) {
        resources.addRawValue(new RawValue(JsonCodec.toJsonString(resource)));
    }
}
