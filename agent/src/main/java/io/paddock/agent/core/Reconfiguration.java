package io.paddock.agent.core;

import io.paddock.common.Rejection;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.Attribute;
import java.util.List;
import java.util.Optional;

/**
 * What may change about an agent that keeps its id. Source: {@code --reconfiguration_policy} of Mesos: {@code equal}
 * allows nothing, {@code additive} allows resources and attributes to grow. Beyond Mesos, an agent that is idle may change
 * its resources and attributes as it likes, and whether containers are isolated may always change. Another hostname is
 * never the same agent.
 */
public final class Reconfiguration {
    private Reconfiguration() {}

    /** The attribute of an agent that cannot isolate containers. */
    public static final String ISOLATION = "isolation";

    /**
     * Why an agent with this id must not start with the new description, if it must not.
     *
     * @param idle whether no task runs and no resource is reserved or holds a volume
     */
    static Optional<Rejection> check(AgentInfo before, AgentInfo now, boolean idle, boolean additive) {
        Resources had = ResourceMessages.fromMessages(before.getResourcesList());
        Resources has = ResourceMessages.fromMessages(now.getResourcesList());
        if (!before.getHostname().equals(now.getHostname())) {
            return refuse("--hostname", before.getHostname(), now.getHostname());
        }
        if (before.hasDomain() && !before.getDomain().equals(now.getDomain())) {
            return refuse(
                    "--domain", before.getDomain().toString(), now.getDomain().toString());
        }
        if (idle) {
            return Optional.empty();
        }
        if (additive) {
            boolean attributesKept = attributes(now).containsAll(attributes(before));
            return has.contains(had) && attributesKept
                    ? Optional.empty()
                    : refuse("--resources or --attributes", had.toString(), has.toString());
        }
        if (!had.equals(has)) {
            return refuse("--resources", had.toString(), has.toString());
        }
        return attributes(before).equals(attributes(now))
                ? Optional.empty()
                : refuse(
                        "--attributes",
                        attributes(before).toString(),
                        attributes(now).toString());
    }

    private static List<Attribute> attributes(AgentInfo info) {
        return info.getAttributesList().stream()
                .filter(attribute -> !attribute.getName().equals(ISOLATION))
                .toList();
    }

    private static Optional<Rejection> refuse(String flag, String before, String now) {
        return Optional.of(Rejection.conflict(flag + ": this work directory belongs to an agent with " + before
                + ", now it is " + now + "; start it as before, allow growth by --reconfiguration-policy=additive, "
                + "or remove meta/ below the work directory to join as a new agent"));
    }
}
