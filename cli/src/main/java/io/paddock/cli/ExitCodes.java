package io.paddock.cli;

import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a shell would have said. */
final class ExitCodes {
    private static final Pattern EXITED = Pattern.compile("exited with status (\\d+)");
    private static final Pattern SIGNALLED = Pattern.compile("terminated with signal (.+)");

    /** What docker answers when the fault is not the command's. */
    static final int COULD_NOT_RUN = 125;

    private ExitCodes() {}

    /** The exit code of a task that is over, read from the message of its last status. */
    static int of(TaskStatus status) {
        Matcher exited = EXITED.matcher(status.getMessage());
        int code = exited.find() ? Integer.parseInt(exited.group(1)) : -1;
        if (code > 0 || (code == 0 && mayBeZero(status.getState()))) {
            return code;
        }
        if (status.getState() == TaskState.TASK_FINISHED) {
            return 0;
        }
        if (code == 0 && status.getReason() == TaskStatus.Reason.REASON_CONTAINER_LIMITATION_MEMORY) {
            return 128 + Signal.KILL.number();
        }
        Matcher signalled = SIGNALLED.matcher(status.getMessage());
        int number = signalled.find() ? Signal.ofWords(signalled.group(1)) : 0;
        return number > 0 ? 128 + number : COULD_NOT_RUN;
    }

    /** A command that was asked to end may do so without an error; one that failed for another reason may not seem fine. */
    private static boolean mayBeZero(TaskState state) {
        return state == TaskState.TASK_FINISHED || state == TaskState.TASK_KILLED;
    }

    /** The exit code in a raw {@code wait(2)} status. */
    static int ofWait(int status) {
        int signal = status & 0x7f;
        return signal == 0 ? status >> 8 & 0xff : 128 + signal;
    }
}
