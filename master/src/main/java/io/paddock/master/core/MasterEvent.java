package io.paddock.master.core;

import com.google.protobuf.ByteString;
import io.paddock.common.authorization.Acls;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.v1.scheduler.Call;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What can happen to a master. Ids of links, streams and requests are chosen by the shell and only need to be unique.
 */
public sealed interface MasterEvent {

    /**
     * The registry was read after this master was elected. Comes first and once; until then nothing is served.
     *
     * @param entries keys and values as {@link MasterEffect.Persist} wrote them
     */
    record RegistryRecovered(SortedMap<String, ByteString> entries) implements MasterEvent {}

    /** The writes of that ticket are durable. */
    record Persisted(long ticket) implements MasterEvent {}

    /** A write failed or its outcome is unknown. */
    record PersistFailed(String reason) implements MasterEvent {}

    /**
     * A frame arrived on an agent's link.
     *
     * @param principal whom the link was authenticated as
     */
    record AgentSpoke(String link, @Nullable String principal, FromAgent message) implements MasterEvent {}

    /** An agent's link is gone, whoever closed it. */
    record AgentLinkClosed(String link) implements MasterEvent {}

    /**
     * A scheduler called SUBSCRIBE.
     *
     * @param request answered by one {@link MasterEffect.Reply}
     * @param stream the id the new stream will have if it is opened
     * @param givenStream the Mesos-Stream-Id header, which a SUBSCRIBE must not have
     * @param principal whom the connection was authenticated as
     */
    record SubscribeCalled(
            String request,
            String stream,
            @Nullable String givenStream,
            @Nullable String principal,
            Call call) implements MasterEvent {}

    /**
     * A scheduler called anything else.
     *
     * @param stream the Mesos-Stream-Id header
     */
    record SchedulerCalled(
            String request,
            @Nullable String stream,
            @Nullable String principal,
            Call call) implements MasterEvent {}

    /** A scheduler's stream is gone, whoever closed it. */
    record SchedulerStreamClosed(String stream) implements MasterEvent {}

    /** An operator asked for a change (reads are answered from snapshots and never come here). */
    record OperatorCalled(String request, @Nullable String principal, io.paddock.proto.v1.master.Call call)
            implements MasterEvent {}

    /**
     * From now on these rules say who may do what; until the first everybody may do everything.
     *
     * @param root whether anything may run as root
     */
    record AclsChanged(Acls acls, boolean root) implements MasterEvent {}

    /**
     * The operator's whitelist was read, or has changed.
     *
     * @param hostnames whose agents may be offered
     */
    record WhitelistChanged(Set<String> hostnames) implements MasterEvent {}

    /** A timer started by {@link MasterEffect.StartTimer} fired. */
    record TimerFired(Timer timer) implements MasterEvent {}
}
