package io.paddock.simulation;

import com.google.protobuf.MessageLite;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;

/** Short names of wire messages for the trace. */
final class Messages {
    private Messages() {}

    static String name(MessageLite message) {
        if (message instanceof FromAgent m) {
            return m.getMessageCase().name();
        }
        if (message instanceof ToAgent m) {
            return m.getMessageCase().name();
        }
        if (message instanceof Event m) {
            return m.getType() == Event.Type.UPDATE
                    ? "UPDATE " + m.getUpdate().getStatus().getTaskId().getValue() + " "
                            + m.getUpdate().getStatus().getState()
                    : m.getType().name();
        }
        if (message instanceof Call m) {
            return m.getType().name();
        }
        return message.getClass().getSimpleName();
    }
}
