package io.paddock.agent.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.paddock.agent.core.AgentView;
import io.paddock.agent.core.AgentView.ExecutorView;
import io.paddock.agent.core.AgentView.FrameworkView;
import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.Containers;
import io.paddock.agent.server.containers.PendingOperation;
import io.paddock.platform.json.Json;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerStatus;
import io.paddock.proto.v1.ResourceStatistics;
import io.paddock.proto.v1.agent.Response.GetContainers.Container;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Containers with their status and statistics. A container that ends meanwhile is left out. */
final class ContainerReads {
    private final Containers containers;

    ContainerReads(Containers containers) {
        this.containers = containers;
    }

    private record Owner(FrameworkView framework, ExecutorView executor) {}

    /**
     * All containers.
     *
     * @param nested whether those below an executor's too
     * @param standalone whether those of no executor too
     * @param seen which may be seen
     */
    CompletionStage<List<Container>> list(
            AgentView view, boolean nested, boolean standalone, Predicate<ContainerID> seen) {
        Map<String, Owner> owners = new HashMap<>();
        view.frameworks()
                .forEach(framework -> framework
                        .executors()
                        .forEach(executor ->
                                owners.put(ContainerIds.text(executor.container()), new Owner(framework, executor))));
        List<CompletableFuture<@Nullable Container>> reads = new ArrayList<>();
        for (ContainerID id : containers.list()) {
            Owner owner = owners.get(ContainerIds.text(ContainerIds.root(id)));
            boolean wanted = (standalone || owner != null) && (nested || !id.hasParent());
            if (wanted && seen.test(id)) {
                reads.add(read(id, owner).toCompletableFuture());
            }
        }
        return CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new)).thenApply(done -> {
            List<Container> found = new ArrayList<>();
            reads.forEach(read -> {
                Container container = read.join();
                if (container != null) {
                    found.add(container);
                }
            });
            return found;
        });
    }

    private CompletionStage<@Nullable Container> read(ContainerID id, @Nullable Owner owner) {
        CompletionStage<ContainerStatus> status = containers.status(id);
        CompletionStage<ResourceStatistics> statistics = containers.statistics(id);
        return status.thenCombine(statistics, (s, r) -> {
                    Container.Builder container = Container.newBuilder()
                            .setContainerId(id)
                            .setContainerStatus(s)
                            .setResourceStatistics(r);
                    if (owner != null) {
                        container
                                .setFrameworkId(owner.framework().info().getId())
                                .setExecutorId(owner.executor().info().getExecutorId())
                                .setExecutorName(owner.executor().info().getName());
                    }
                    return container.build();
                })
                .handle((container, failure) -> failure == null ? container : null);
    }

    /** {@code /monitor/statistics}. */
    CompletionStage<byte[]> statistics(AgentView view, Predicate<ContainerID> seen) {
        return list(view, false, false, seen).thenApply(found -> write(found, false));
    }

    /** {@code /containers}, of one container, executor or framework if the query says so. */
    CompletionStage<byte[]> containers(AgentView view, Map<String, String> query, Predicate<ContainerID> seen) {
        return list(view, false, false, seen).thenApply(found -> {
            List<Container> wanted = new ArrayList<>(found);
            wanted.removeIf(c -> differs(
                            query.get("container_id"), c.getContainerId().getValue())
                    || differs(query.get("framework_id"), c.getFrameworkId().getValue())
                    || differs(query.get("executor_id"), c.getExecutorId().getValue()));
            return write(wanted, true);
        });
    }

    /** {@code /containerizer/debug}: the steps of launches and cleanups that run just now, and for how long. */
    byte[] pending(Instant now) {
        List<Map<String, Object>> operations = new ArrayList<>();
        for (PendingOperation each : containers.pending()) {
            Map<String, Object> operation = new LinkedHashMap<>();
            operation.put("operation", each.operation());
            operation.put("args", Map.of("containerId", each.container()));
            operation.put("running_secs", Duration.between(each.since(), now).toMillis() / 1000.0);
            operations.add(operation);
        }
        return Json.bytes(Map.of("pending", operations));
    }

    private static boolean differs(@Nullable String wanted, String is) {
        return wanted != null && !wanted.equals(is);
    }

    private static byte[] write(List<Container> found, boolean full) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = Json.mapper().getFactory().createGenerator(bytes)) {
            out.writeStartArray();
            for (Container container : found) {
                out.writeStartObject();
                out.writeStringField("framework_id", container.getFrameworkId().getValue());
                out.writeStringField("executor_id", container.getExecutorId().getValue());
                out.writeStringField("executor_name", container.getExecutorName());
                out.writeStringField("source", container.getExecutorId().getValue());
                out.writeFieldName("statistics");
                JsonCodec.write(container.getResourceStatistics(), out);
                if (full) {
                    out.writeStringField(
                            "container_id", container.getContainerId().getValue());
                    out.writeFieldName("status");
                    JsonCodec.write(container.getContainerStatus(), out);
                }
                out.writeEndObject();
            }
            out.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
