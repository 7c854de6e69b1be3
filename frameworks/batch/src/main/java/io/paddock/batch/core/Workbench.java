package io.paddock.batch.core;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What the parts of the core work on together. */
record Workbench(
        BatchSettings settings,
        FireTimes fireTimes,
        RunSuffixes suffixes,
        BatchState state,
        Outbox outbox,
        Agenda agenda) {

    /** Whether a job reaches another one over dependencies, going from children to parents. */
    boolean dependsOn(List<String> parents, String wanted) {
        Set<String> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(new LinkedHashSet<>(parents));
        while (!open.isEmpty()) {
            String next = open.remove();
            if (next.equals(wanted)) {
                return true;
            }
            Job job = state.job(next);
            if (job != null && seen.add(next)) {
                open.addAll(job.spec().dependencies());
            }
        }
        return false;
    }
}
