package io.paddock.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.master.core.snapshot.OfferView;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.Task;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** What a master writes of resources must add up: what is used, offered and free is all there is, for agents and frameworks. */
final class Books {
    private Books() {}

    /** @param freeOf what the allocator has left of the agent with an id */
    static void check(ClusterSnapshot snapshot, Function<String, Resources> freeOf) {
        Map<String, Resources> usedByFramework = new LinkedHashMap<>();
        Map<String, Resources> offeredByFramework = new LinkedHashMap<>();
        for (AgentView agent : snapshot.agents()) {
            Resources used = Resources.EMPTY;
            for (Task task : agent.tasks()) {
                if (!TrackedTask.isTerminal(task.getState())) {
                    Resources its = ResourceMessages.fromMessages(task.getResourcesList());
                    used = used.plus(its);
                    usedByFramework.merge(task.getFrameworkId().getValue(), its, Resources::plus);
                }
            }
            assertThat(agent.used()).as("used on %s", agent.id()).isEqualTo(used);
            Resources offered = Resources.EMPTY;
            for (OfferView offer : agent.offers()) {
                offered = offered.plus(offer.resources());
                offeredByFramework.merge(offer.frameworkId(), Holdings.scalars(offer.resources()), Resources::plus);
            }
            assertThat(agent.offered()).as("offered on %s", agent.id()).isEqualTo(offered);
            assertThat(agent.active() || agent.offers().isEmpty())
                    .as("no offers of inactive agent %s", agent.id())
                    .isTrue();
            assertThat(used.plus(offered).unallocated().plus(freeOf.apply(agent.id())))
                    .as("all of agent %s", agent.id())
                    .isEqualTo(agent.total());
        }
        for (FrameworkView framework : snapshot.frameworks()) {
            assertThat(framework.used())
                    .as("used by %s", framework.id())
                    .isEqualTo(usedByFramework.getOrDefault(framework.id(), Resources.EMPTY));
            assertThat(framework.offered())
                    .as("offered to %s", framework.id())
                    .isEqualTo(offeredByFramework.getOrDefault(framework.id(), Resources.EMPTY));
            assertThat(framework.connected() || framework.offered().isEmpty())
                    .as("no offers to disconnected %s", framework.id())
                    .isTrue();
        }
    }
}
