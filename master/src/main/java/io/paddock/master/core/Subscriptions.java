package io.paddock.master.core;

import io.paddock.common.Identifiers;
import io.paddock.common.Rejection;
import io.paddock.master.core.MasterEffect.Answer;
import io.paddock.master.core.MasterEvent.SubscribeCalled;
import io.paddock.master.core.registry.RegistryRecord.PutFramework;
import io.paddock.master.core.registry.RegistryRecord.RemoveFramework;
import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.link.UpdateFramework;
import io.paddock.proto.registry.FrameworkRecord;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * SUBSCRIBE and UPDATE_FRAMEWORK: how a framework becomes known, comes back and changes.
 *
 * <p>A subscription is durable before SUBSCRIBED is sent. The newest subscription of a framework wins; the scheduler it
 * replaces is told so, and its offers are discarded without a word, as the v1 API has it.
 */
final class Subscriptions {
    private final Cluster cluster;
    private final RegistryWriter registry;
    private final Outbox outbox;
    private final Offers offers;
    private final Authorization authorization;
    private final OperationFeedback feedback;
    /** Streams opened for a subscription that is still being written, with the framework's id. */
    private final Map<String, String> opening = new HashMap<>();

    Subscriptions(
            Cluster cluster,
            RegistryWriter registry,
            Outbox outbox,
            Offers offers,
            Authorization authorization,
            OperationFeedback feedback) {
        this.cluster = cluster;
        this.registry = registry;
        this.outbox = outbox;
        this.offers = offers;
        this.authorization = authorization;
        this.feedback = feedback;
    }

    void subscribe(Instant now, SubscribeCalled event) {
        Optional<Rejection> rejection = check(event);
        if (rejection.isPresent()) {
            outbox.reject(event.request(), rejection.get());
            return;
        }
        Call.Subscribe call = event.call().getSubscribe();
        OfferTerms terms;
        try {
            terms = OfferTerms.of(call, cluster.config.regexLimits());
        } catch (IllegalArgumentException e) {
            outbox.reject(event.request(), Rejection.invalid(e.getMessage()));
            return;
        }
        outbox.add(new MasterEffect.Reply(event.request(), Answer.STREAM));
        FrameworkInfo info = named(event);
        Optional<String> unauthorized = notAdmitted(info).or(() -> authorization.framework(info));
        if (unauthorized.isPresent()) {
            outbox.error(event.stream(), unauthorized.get());
            return;
        }
        if (info.hasId()) {
            opening.put(event.stream(), info.getId().getValue());
            resubscribe(now, event.stream(), info, terms);
        } else {
            FrameworkInfo withId = info.toBuilder()
                    .setId(Ids.framework(cluster.newFrameworkId()))
                    .build();
            opening.put(event.stream(), withId.getId().getValue());
            registry.persist(new PutFramework(withId, null), at -> introduce(at, event.stream(), withId, terms));
        }
    }

    /** With the principal it was authenticated as, if it names none. */
    private static FrameworkInfo named(SubscribeCalled event) {
        FrameworkInfo info = event.call().getSubscribe().getFrameworkInfo();
        String principal = event.principal();
        return principal == null || info.hasPrincipal()
                ? info
                : info.toBuilder().setPrincipal(principal).build();
    }

    private Optional<String> notAdmitted(FrameworkInfo info) {
        return cluster.config.admissions().refused(FrameworkDescriptions.rolesOf(info));
    }

    private static Optional<Rejection> check(SubscribeCalled event) {
        Call call = event.call();
        if (event.givenStream() != null) {
            return refuse("Subscribe calls should not include the 'Mesos-Stream-Id' header");
        }
        if (!call.hasSubscribe()) {
            return refuse("subscribe: expecting it to be present");
        }
        FrameworkInfo info = call.getSubscribe().getFrameworkInfo();
        if (info.hasId() != call.hasFrameworkId() || !info.getId().equals(call.getFrameworkId())) {
            return refuse(
                    "subscribe.framework_info.id: '" + info.getId().getValue() + "' must be equal to framework_id '"
                            + call.getFrameworkId().getValue() + "', or both absent");
        }
        return FrameworkDescriptions.check("subscribe.framework_info", info, event.principal());
    }

    private void introduce(Instant now, String stream, FrameworkInfo info, OfferTerms terms) {
        String id = info.getId().getValue();
        if (opening.remove(stream) == null) {
            // The scheduler went away before it learnt its id, or it is about to come on another stream.
            if (!opening.containsValue(id)) {
                registry.persist(new RemoveFramework(id), at -> {});
            }
            return;
        }
        Framework framework = new Framework(info, Framework.State.CONNECTED, now, cluster.config);
        framework.describe(info, terms);
        cluster.frameworks.put(framework.id, framework);
        cluster.allocator.addFramework(framework.id, FrameworkDescriptions.traits(framework), true);
        connect(now, framework, stream);
        outbox.publish(new ClusterChange.FrameworkAdded(framework.view()));
    }

    private void resubscribe(Instant now, String stream, FrameworkInfo given, OfferTerms terms) {
        String id = given.getId().getValue();
        Framework framework = cluster.framework(id);
        if (cluster.completedFrameworks.containsKey(id) || (framework != null && framework.leaving)) {
            opening.remove(stream);
            outbox.error(stream, "Framework has been removed");
            return;
        }
        FrameworkRecord record = registry.decided().framework(id);
        FrameworkInfo known = record != null ? record.getInfo() : framework != null ? framework.info() : null;
        if (known != null && !known.getPrincipal().equals(given.getPrincipal())) {
            opening.remove(stream);
            outbox.error(
                    stream,
                    "framework_info.principal: changing it from '" + known.getPrincipal() + "' to '"
                            + given.getPrincipal() + "' is not allowed");
            return;
        }
        FrameworkInfo info = known == null ? given : withFixedFields(given, known);
        boolean written =
                record != null && !record.hasDeadline() && record.getInfo().equals(info);
        if (written && framework != null) {
            takeOver(now, stream, info, terms);
        } else {
            registry.persist(new PutFramework(info, null), at -> takeOver(at, stream, info, terms));
        }
    }

    /** Changes of user and checkpoint are ignored. */
    private static FrameworkInfo withFixedFields(FrameworkInfo given, FrameworkInfo known) {
        return given.toBuilder()
                .setUser(known.getUser())
                .setCheckpoint(known.getCheckpoint())
                .build();
    }

    private void takeOver(Instant now, String stream, FrameworkInfo info, OfferTerms terms) {
        Framework framework = cluster.framework(info.getId().getValue());
        if (framework == null) {
            // Unknown here, as after the loss of an in-memory registry: taken back under its id.
            introduce(now, stream, info, terms);
            return;
        }
        if (opening.remove(stream) == null) {
            if (framework.isConnected()) {
                framework.describe(info, terms);
                cluster.allocator.updateFramework(framework.id, FrameworkDescriptions.traits(framework));
            }
            return;
        }
        if (framework.leaving) {
            outbox.error(stream, "Framework has been removed");
            return;
        }
        String replaced = framework.stream();
        offers.discard(framework);
        if (replaced != null) {
            outbox.error(replaced, "Framework failed over");
            cluster.frameworksByStream.remove(replaced);
            outbox.cancel(Timer.of(Timer.Kind.SCHEDULER_HEARTBEAT, replaced));
        }
        boolean changed = !framework.info().equals(info);
        framework.describe(info, terms);
        cluster.allocator.updateFramework(framework.id, FrameworkDescriptions.traits(framework));
        cluster.allocator.activateFramework(framework.id);
        outbox.cancel(Timer.of(Timer.Kind.FRAMEWORK_FAILOVER, framework.id));
        connect(now, framework, stream);
        FrameworkRecord record = registry.decided().framework(framework.id);
        if (record != null && record.hasDeadline()) {
            // Its former stream was lost while this was written.
            registry.persist(new PutFramework(record.getInfo(), null), at -> {});
        }
        if (changed) {
            tellAgents(framework);
        }
        outbox.publish(new ClusterChange.FrameworkUpdated(framework.view()));
    }

    private void connect(Instant now, Framework framework, String stream) {
        framework.connected(stream, now);
        framework.counters.called(Call.Type.SUBSCRIBE);
        cluster.frameworksByStream.put(stream, framework);
        outbox.send(
                framework,
                Event.newBuilder()
                        .setType(Event.Type.SUBSCRIBED)
                        .setSubscribed(Event.Subscribed.newBuilder()
                                .setFrameworkId(framework.info().getId())
                                .setHeartbeatIntervalSeconds(MasterConfig.SCHEDULER_HEARTBEAT.toMillis() / 1000.0)
                                .setMasterInfo(cluster.master)));
        heartbeat(stream);
        feedback.connected(framework);
        offers.inverse.mayBeDue();
    }

    /** Sends a heartbeat now and plans the next one. */
    void heartbeat(String stream) {
        Framework framework = cluster.frameworksByStream.get(stream);
        if (framework != null) {
            outbox.send(framework, Event.newBuilder().setType(Event.Type.HEARTBEAT));
            outbox.start(Timer.of(Timer.Kind.SCHEDULER_HEARTBEAT, stream), MasterConfig.SCHEDULER_HEARTBEAT);
        }
    }

    /** Answers whether the stream belonged to a subscription that is still being written; it ends with it. */
    boolean closedWhileOpening(String stream) {
        return opening.remove(stream) != null;
    }

    /** UPDATE_FRAMEWORK: the same as resubscribing with another description, without losing the stream. */
    void update(String request, @Nullable String principal, Framework framework, Call.UpdateFramework call) {
        if (framework.leaving) {
            outbox.reject(request, Rejection.invalid("Framework has been removed"));
            return;
        }
        FrameworkInfo given = call.getFrameworkInfo();
        FrameworkInfo known = framework.info();
        FrameworkInfo info = given.hasPrincipal() || !known.hasPrincipal()
                ? given
                : given.toBuilder().setPrincipal(known.getPrincipal()).build();
        Optional<Rejection> rejection = checkFixed(info, known)
                .or(() -> FrameworkDescriptions.check("update_framework.framework_info", info, principal))
                .or(() -> notAdmitted(info).map(why -> Rejection.invalid("update_framework.framework_info: " + why)))
                .or(() -> authorization.framework(info).map(Rejection::forbidden));
        if (rejection.isPresent()) {
            outbox.reject(request, rejection.get());
            return;
        }
        OfferTerms terms;
        try {
            terms = OfferTerms.of(call, cluster.config.regexLimits());
        } catch (IllegalArgumentException e) {
            outbox.reject(request, Rejection.invalid(e.getMessage()));
            return;
        }
        registry.persist(new PutFramework(info, null), at -> {
            if (cluster.framework(framework.id) == framework) {
                framework.describe(info, terms);
                cluster.allocator.updateFramework(framework.id, FrameworkDescriptions.traits(framework));
                tellAgents(framework);
                outbox.publish(new ClusterChange.FrameworkUpdated(framework.view()));
            }
            outbox.done(request);
        });
    }

    private static Optional<Rejection> checkFixed(FrameworkInfo given, FrameworkInfo known) {
        String path = "update_framework.framework_info.";
        Optional<Rejection> badId =
                Identifiers.check(path + "id.value", given.getId().getValue());
        if (badId.isPresent()) {
            return badId;
        }
        if (!given.getId().equals(known.getId())) {
            return refuse(path + "id: must be the framework's own id '"
                    + known.getId().getValue() + "'");
        }
        if (!given.getUser().equals(known.getUser())) {
            return refuse(path + "user: cannot be changed from '" + known.getUser() + "'");
        }
        if (given.getCheckpoint() != known.getCheckpoint()) {
            return refuse(path + "checkpoint: cannot be changed from " + known.getCheckpoint());
        }
        if (!given.getPrincipal().equals(known.getPrincipal())) {
            return refuse(path + "principal: cannot be changed from '" + known.getPrincipal() + "'");
        }
        return Optional.empty();
    }

    private void tellAgents(Framework framework) {
        Set<String> told = new HashSet<>();
        for (TrackedTask task : framework.tasks.values()) {
            if (told.add(task.agentId)) {
                outbox.send(
                        cluster.agentOf(task),
                        ToAgent.newBuilder()
                                .setUpdateFramework(UpdateFramework.newBuilder().setFramework(framework.info())));
            }
        }
    }

    private static Optional<Rejection> refuse(String message) {
        return Optional.of(Rejection.invalid(message));
    }
}
