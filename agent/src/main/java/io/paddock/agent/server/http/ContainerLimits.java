package io.paddock.agent.server.http;

import io.paddock.agent.server.containers.Limits;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.Value;
import java.util.List;
import java.util.Map;

/** Bounds for containers by resources and limits, as for those of tasks. */
public interface ContainerLimits {
    /** @throws IllegalArgumentException when a resource is not valid */
    Limits of(List<Resource> resources, Map<String, Value.Scalar> limits);
}
