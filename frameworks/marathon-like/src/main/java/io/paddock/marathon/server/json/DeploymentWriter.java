package io.paddock.marathon.server.json;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.AppView;
import io.paddock.marathon.core.MarathonView;
import io.paddock.marathon.core.deploy.Action;
import io.paddock.marathon.core.deploy.Deployment;
import io.paddock.marathon.core.model.PathId;
import io.paddock.marathon.core.model.Stamp;
import java.time.Instant;
import java.util.List;

/** Writes deployments, their plans and results. */
public final class DeploymentWriter {
    private DeploymentWriter() {}

    /** An element of the list of deployments. */
    public static ObjectNode write(MarathonView all, Deployment d) {
        ObjectNode out = AppWriter.NODES.objectNode();
        out.put("id", d.id()).put("version", Stamp.format(d.version()));
        ArrayNode apps = out.putArray("affectedApps");
        d.affectedApps().forEach(id -> apps.add(id.text()));
        out.putArray("affectedPods");
        out.set("steps", steps(d.steps()));
        ArrayNode current = out.putArray("currentActions");
        for (Action action : d.currentActions()) {
            ObjectNode one = action(action);
            ArrayNode readiness = one.putArray("readinessCheckResults");
            AppView view = all.apps().get(action.app());
            if (view != null) {
                AppInfoWriter.readiness(view.readiness().values(), readiness);
            }
            current.add(one);
        }
        return out.put("currentStep", d.isDone() ? d.steps().size() : d.currentStep() + 1)
                .put("totalSteps", d.steps().size());
    }

    /** A plan as events carry it. */
    static ObjectNode plan(Deployment d) {
        ObjectNode out = AppWriter.NODES.objectNode().put("id", d.id());
        out.set("steps", steps(d.steps()));
        return out.put("version", Stamp.format(d.version()));
    }

    /** The steps of a plan. */
    public static ArrayNode steps(List<List<Action>> steps) {
        ArrayNode out = AppWriter.NODES.arrayNode();
        steps.forEach(step -> out.add(step(step)));
        return out;
    }

    static ObjectNode step(List<Action> step) {
        ObjectNode out = AppWriter.NODES.objectNode();
        ArrayNode actions = out.putArray("actions");
        step.forEach(a -> actions.add(action(a)));
        return out;
    }

    private static ObjectNode action(Action action) {
        PathId app = action.app();
        return AppWriter.NODES
                .objectNode()
                .put("action", action.kind().apiName())
                .put("app", app.text());
    }

    /** What a call that starts a deployment answers. */
    public static ObjectNode result(Instant version, String deploymentId) {
        return AppWriter.NODES
                .objectNode()
                .put("version", Stamp.format(version))
                .put("deploymentId", deploymentId);
    }
}
