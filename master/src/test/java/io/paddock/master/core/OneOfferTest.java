package io.paddock.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.TextFormat;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * One offer from the agent's registration to the acknowledged end of its task, as the events and effects of the core, against
 * {@code docs/one-offer.trace}. {@code -Dgolden.update} writes the file anew.
 */
class OneOfferTest {
    private static final Path TRACE = Path.of("..", "docs", "one-offer.trace");

    private final List<String> lines = new ArrayList<>();

    @Test
    void anOfferBecomesAFinishedTask() throws Exception {
        MasterHarness master = new MasterHarness();
        master.trace = this::narrate;

        heading("1. An agent registers (AgentAdmission)");
        String agent = master.register("link-1", "cpus:4;mem:4096;ports:[31000-31009]");
        heading("2. A framework subscribes (Subscriptions)");
        String framework = master.subscribed("stream-1", MasterHarness.frameworkInfo("demo", "web"));
        heading("3. The allocation is due: an offer is made (Offers, allocator.Allocator)");
        master.settle();
        heading(
                "4. The scheduler accepts it and launches a task (SchedulerCalls, Acceptance, TaskValidation, Launches)");
        Offer offer = master.lastOffer("stream-1");
        master.accept(
                "stream-1",
                framework,
                offer,
                MasterHarness.launch(
                        MasterHarness.task("t1", offer, "cpus:1;mem:128").build()));
        heading("5. The rest of the offer is refused for a while: the next allocation offers nothing (Offers)");
        master.settle();
        heading("6. The task runs (StatusUpdates)");
        TaskStatus running = master.status("t1", TaskState.TASK_RUNNING);
        master.update("link-1", framework, running);
        master.acknowledge("stream-1", framework, agent, running);
        heading(
                "7. The task ends: its resources are free before the scheduler has acknowledged (StatusUpdates, Holdings)");
        TaskStatus finished = master.status("t1", TaskState.TASK_FINISHED);
        master.update("link-1", framework, finished);
        heading("8. Acknowledged: the task leaves the books (StatusUpdates)");
        master.acknowledge("stream-1", framework, agent, finished);

        assertThat(master.framework(framework).completedTasks()).hasSize(1);
        if (System.getProperty("golden.update") != null) {
            Files.createDirectories(TRACE.getParent());
            Files.write(TRACE, lines, StandardCharsets.UTF_8);
        }
        assertThat(lines).isEqualTo(Files.readAllLines(TRACE, StandardCharsets.UTF_8));
    }

    private void heading(String text) {
        lines.add("");
        lines.add("== " + text);
    }

    private void narrate(MasterEvent event, List<MasterEffect> effects) {
        lines.add(line(event));
        effects.forEach(effect -> lines.add("    -> " + line(effect)));
    }

    private static String line(MasterEvent event) {
        if (event instanceof MasterEvent.AgentSpoke spoke) {
            return "AgentSpoke " + spoke.link() + ": " + text(spoke.message());
        } else if (event instanceof MasterEvent.SubscribeCalled called) {
            return "SubscribeCalled " + called.stream() + ": " + text(called.call());
        } else if (event instanceof MasterEvent.SchedulerCalled called) {
            return "SchedulerCalled " + called.stream() + ": " + text(called.call());
        }
        return event.toString();
    }

    private static String line(MasterEffect effect) {
        if (effect instanceof MasterEffect.SendToAgent send) {
            return "SendToAgent " + send.link() + ": " + text(send.message());
        } else if (effect instanceof MasterEffect.SendToScheduler send) {
            return "SendToScheduler " + send.stream() + ": " + text(send.event());
        } else if (effect instanceof MasterEffect.Persist persist) {
            StringBuilder text = new StringBuilder("Persist ticket " + persist.ticket() + ":");
            for (Map.Entry<String, Optional<ByteString>> write :
                    persist.writes().entrySet()) {
                text.append(write.getValue().isPresent() ? " put " : " delete ").append(write.getKey());
            }
            return text.toString();
        } else if (effect instanceof MasterEffect.Reply reply) {
            return "Reply " + reply.answer().outcome();
        } else if (effect instanceof MasterEffect.StartTimer start) {
            return "StartTimer " + start.timer().kind() + " in " + start.delay();
        } else if (effect instanceof MasterEffect.Publish publish) {
            return "Publish " + publish.change().getClass().getSimpleName();
        }
        return effect.toString();
    }

    private static String text(MessageOrBuilder message) {
        return TextFormat.printer()
                .emittingSingleLine(true)
                .printToString(message)
                .trim();
    }
}
