package io.paddock.master.server.read;

import io.paddock.common.Rejection;
import io.paddock.master.core.allocator.Explanation;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.master.server.ClusterFeed;
import io.paddock.master.server.Leadership;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.http.Responses;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.master.Response.ExplainOffers;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;

/**
 * Why frameworks are offered nothing: {@code GET /offers/why} and EXPLAIN_OFFERS of the operator API.
 *
 * <p>The allocator is asked for one role of one framework at a time, so that scheduling goes on in between however many are
 * asked about; the answers are put together elsewhere. Few may ask at once.
 */
final class OfferReasons {
    private static final int MAX_REPORTS = 8;

    /** One role of a framework. */
    private record Subject(FrameworkView framework, String role) {}

    private final ActorSystem<?> system;
    private final Leadership leadership;
    private final Viewers viewers;
    private final AtomicInteger running = new AtomicInteger();

    OfferReasons(ActorSystem<?> system, Leadership leadership, Viewers viewers) {
        this.system = system;
        this.leadership = leadership;
        this.viewers = viewers;
    }

    /** {@code GET /offers/why?framework=ID&role=ROLE}; both may be left out. */
    Route route() {
        return Directives.path(
                "why",
                () -> leadership.whenLeading(feed -> Directives.parameterOptional(
                        "framework",
                        framework -> Directives.parameterOptional(
                                "role",
                                role -> Directives.extractRequest(request -> Directives.completeWithFuture(answer(
                                        feed,
                                        HttpServer.principal(request),
                                        framework,
                                        role,
                                        reasons -> Responses.json(JsonCodec.toJson(reasons)))))))));
    }

    CompletionStage<HttpResponse> answer(
            ClusterFeed feed,
            Optional<String> principal,
            Call.ExplainOffers call,
            Function<ExplainOffers, HttpResponse> reply) {
        return answer(
                feed,
                principal,
                call.hasFrameworkId() ? Optional.of(call.getFrameworkId().getValue()) : Optional.empty(),
                call.hasRole() ? Optional.of(call.getRole()) : Optional.empty(),
                reply);
    }

    private CompletionStage<HttpResponse> answer(
            ClusterFeed feed,
            Optional<String> principal,
            Optional<String> framework,
            Optional<String> role,
            Function<ExplainOffers, HttpResponse> reply) {
        ClusterSnapshot snapshot = viewers.visible(principal, feed.current());
        if (framework.isPresent() && snapshot.frameworks().stream().noneMatch(f -> f.id().equals(framework.get()))) {
            return CompletableFuture.completedFuture(
                    Responses.rejected(Rejection.notFound("No framework found with ID '" + framework.get() + "'")));
        }
        if (running.incrementAndGet() > MAX_REPORTS) {
            running.decrementAndGet();
            return CompletableFuture.completedFuture(Responses.rejected(
                    Rejection.unavailable("Others are asking the allocator just now; ask again in a second")));
        }
        return Source.from(snapshot.frameworks())
                .filter(f -> framework.isEmpty() || f.id().equals(framework.get()))
                .mapConcat(f -> subjects(f, framework.isPresent(), role))
                .mapAsync(
                        1,
                        subject -> feed.why(subject.framework().id(), subject.role())
                                .thenApply(explanation -> new Explained(subject.framework(), message(explanation))))
                .runWith(Sink.fold(ExplainOffers.newBuilder(), OfferReasons::add), system)
                .thenApply(reasons -> reply.apply(reasons.build()))
                .whenComplete((response, failure) -> running.decrementAndGet());
    }

    /** Who names framework and role is told, too, that it is not in the role; others see only the roles it is in. */
    private static List<Subject> subjects(FrameworkView framework, boolean named, Optional<String> role) {
        List<String> roles = named && role.isPresent() ? List.of(role.get()) : framework.roles();
        return roles.stream()
                .filter(r -> role.isEmpty() || r.equals(role.get()))
                .map(r -> new Subject(framework, r))
                .toList();
    }

    private record Explained(FrameworkView framework, ExplainOffers.Role role) {}

    /** Roles of one framework come one after the other. */
    private static ExplainOffers.Builder add(ExplainOffers.Builder all, Explained explained) {
        int last = all.getFrameworksCount() - 1;
        if (last < 0
                || !all.getFrameworks(last)
                        .getFrameworkId()
                        .equals(explained.framework().info().getId())) {
            all.addFrameworksBuilder()
                    .setFrameworkId(explained.framework().info().getId())
                    .setName(explained.framework().info().getName());
            last++;
        }
        all.getFrameworksBuilder(last).addRoles(explained.role());
        return all;
    }

    private static ExplainOffers.Role message(Explanation explanation) {
        ExplainOffers.Role.Builder role = ExplainOffers.Role.newBuilder().setRole(explanation.role());
        Explanation.Standing standing = explanation.standing();
        if (standing != null) {
            role.setShare(standing.share())
                    .setRoleShare(standing.roleShare())
                    .setWeight(standing.weight())
                    .setAhead(standing.ahead())
                    .setCompeting(standing.competing());
        }
        for (Explanation.Finding finding : explanation.findings()) {
            ExplainOffers.Reason.Builder reason = role.addReasonsBuilder()
                    .setReason(finding.reason().name())
                    .setAgents(finding.agents())
                    .setDetail(finding.detail());
            if (finding.until() != null) {
                reason.setUntil(finding.until().toString());
            }
            for (Explanation.AgentClass kind : finding.classes()) {
                reason.addAgentClassesBuilder().setAgentsWith(kind.agentsWith()).setAgents(kind.agents());
            }
        }
        return role.build();
    }
}
