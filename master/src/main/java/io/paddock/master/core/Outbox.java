package io.paddock.master.core;

import io.paddock.common.Rejection;
import io.paddock.master.core.MasterEffect.Answer;
import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Collects the effects of one event, in order. */
final class Outbox {
    private List<MasterEffect> effects = new ArrayList<>();

    List<MasterEffect> take() {
        List<MasterEffect> taken = effects;
        effects = new ArrayList<>();
        return taken;
    }

    void add(MasterEffect effect) {
        effects.add(effect);
    }

    /** Sends to a framework's scheduler; dropped when it is not connected. */
    void send(Framework framework, Event event) {
        String stream = framework.stream();
        if (stream != null) {
            framework.counters.told(event.getType());
            effects.add(new MasterEffect.SendToScheduler(stream, event));
        }
    }

    void send(Framework framework, Event.Builder event) {
        if (framework.stream() != null) {
            send(framework, event.build());
        }
    }

    /** Sends to an agent; dropped when it is not connected: the caller relies on what re-registration brings. */
    void send(Agent agent, ToAgent.Builder message) {
        String link = agent.link();
        if (link != null) {
            effects.add(new MasterEffect.SendToAgent(link, message.build()));
        }
    }

    void send(String link, ToAgent.Builder message) {
        effects.add(new MasterEffect.SendToAgent(link, message.build()));
    }

    void accepted(String request) {
        effects.add(new MasterEffect.Reply(request, Answer.ACCEPTED));
    }

    void done(String request) {
        effects.add(new MasterEffect.Reply(request, Answer.DONE));
    }

    void reject(String request, Rejection rejection) {
        effects.add(new MasterEffect.Reply(request, Answer.rejected(rejection)));
    }

    void start(Timer timer, Duration delay) {
        effects.add(new MasterEffect.StartTimer(timer, delay.isNegative() ? Duration.ZERO : delay));
    }

    void cancel(Timer timer) {
        effects.add(new MasterEffect.CancelTimer(timer));
    }

    /** Tells a scheduler that a task was not launched. */
    void refuse(Framework framework, TaskStatus status) {
        send(framework, Statuses.event(status));
        publish(new ClusterChange.TaskRefused(status));
    }

    void publish(ClusterChange change) {
        effects.add(new MasterEffect.Publish(change));
    }

    /** Tells a scheduler why its stream ends, and ends it. */
    void error(String stream, String message) {
        effects.add(new MasterEffect.SendToScheduler(
                stream,
                Event.newBuilder()
                        .setType(Event.Type.ERROR)
                        .setError(Event.Error.newBuilder().setMessage(message))
                        .build()));
        effects.add(new MasterEffect.CloseStream(stream));
    }
}
