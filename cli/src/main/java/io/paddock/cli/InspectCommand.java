package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code paddock inspect TASK…} */
@Command(
        name = "inspect",
        description = {
            "Prints all that is known of tasks, as a JSON array.",
            "Each with the fields task (as the master tells it), framework_name, agent_hostname and, while it runs, container: its "
                    + "status and statistics from its agent."
        })
final class InspectCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Parameters(arity = "1..*", paramLabel = "TASK", description = "Ids of tasks, or the starts of them.")
    List<String> tasks = new ArrayList<>();

    @Override
    public Integer call() {
        ClusterView view = ClusterView.of(cluster.master());
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (String task : tasks) {
            ClusterTask meant = view.task(task, true);
            ObjectNode node = all.addObject();
            node.put("id", meant.id());
            node.put("state", meant.state());
            node.put("framework_name", meant.frameworkName());
            node.put("agent_hostname", meant.hostname());
            node.set("task", meant.json());
            if (!meant.isOver() && !meant.containerId().isMissingNode()) {
                JsonNode container = container(meant);
                if (!container.isMissingNode()) {
                    node.set("container", container);
                }
            }
        }
        output.json(all);
        return 0;
    }

    private JsonNode container(ClusterTask task) {
        String call =
                "{\"type\":\"GET_CONTAINERS\",\"get_containers\":{\"show_nested\":true,\"show_standalone\":true}}";
        JsonNode answer = task.agentServer(cluster).send("POST", "/api/v1", call);
        for (JsonNode container : answer.path("get_containers").path("containers")) {
            if (container.path("container_id").equals(task.containerId())) {
                return container;
            }
        }
        return JsonNodeFactory.instance.missingNode();
    }
}
