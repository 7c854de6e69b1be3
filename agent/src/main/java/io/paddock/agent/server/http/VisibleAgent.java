package io.paddock.agent.server.http;

import io.paddock.agent.core.AgentView;
import io.paddock.agent.core.AgentView.ExecutorView;
import io.paddock.agent.core.AgentView.FrameworkView;
import io.paddock.agent.core.AgentView.TaskView;
import io.paddock.common.Users;
import io.paddock.common.authorization.Acls;
import io.paddock.common.authorization.Action;
import io.paddock.common.resources.ResourceKey;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.FrameworkInfo;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a principal may see of an agent; the rest is left out as if it were not there. */
final class VisibleAgent {
    private final Acls acls;
    private final @Nullable String principal;

    VisibleAgent(Acls acls, @Nullable String principal) {
        this.acls = acls;
        this.principal = principal;
    }

    AgentView of(AgentView all) {
        boolean everything = Stream.of(
                        Action.VIEW_FRAMEWORKS, Action.VIEW_EXECUTORS, Action.VIEW_TASKS, Action.VIEW_ROLES)
                .allMatch(acls::isOpen);
        return everything
                ? all
                : new AgentView(
                        all.info(),
                        all.pid(),
                        all.totals().filter(this::sees),
                        all.standing(),
                        all.master(),
                        all.draining(),
                        frameworks(all.frameworks()),
                        frameworks(all.completedFrameworks()),
                        all.operations(),
                        all.counts());
    }

    private boolean sees(ResourceKey key) {
        return key.reservations().isEmpty() || acls.permits(principal, Action.VIEW_ROLES, key.reservedTo());
    }

    private List<FrameworkView> frameworks(List<FrameworkView> all) {
        return all.stream()
                .filter(framework -> acls.permits(
                        principal, Action.VIEW_FRAMEWORKS, framework.info().getUser()))
                .map(framework -> new FrameworkView(
                        framework.info(),
                        executors(framework.info(), framework.executors()),
                        executors(framework.info(), framework.completed())))
                .toList();
    }

    private List<ExecutorView> executors(FrameworkInfo framework, List<ExecutorView> all) {
        return all.stream()
                .filter(executor ->
                        permits(Action.VIEW_EXECUTORS, executor.info().getCommand(), framework))
                .map(executor -> new ExecutorView(
                        executor.info(),
                        executor.container(),
                        executor.sandbox(),
                        executor.command(),
                        executor.phase(),
                        tasks(framework, executor.tasks()),
                        tasks(framework, executor.completedTasks())))
                .toList();
    }

    private List<TaskView> tasks(FrameworkInfo framework, List<TaskView> all) {
        return all.stream()
                .filter(task -> permits(Action.VIEW_TASKS, task.info().getCommand(), framework))
                .toList();
    }

    private boolean permits(Action action, CommandInfo command, FrameworkInfo framework) {
        return acls.permits(principal, action, Users.of(command.getUser(), framework.getUser()));
    }
}
