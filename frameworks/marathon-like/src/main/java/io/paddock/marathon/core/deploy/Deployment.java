package io.paddock.marathon.core.deploy;

import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.PathId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A change on its way: steps done one after another, the actions of a step side by side.
 *
 * @param id a UUID
 * @param version when it was decided
 * @param steps the plan; no step is empty
 * @param originals the definitions before, of the apps there were; what a rollback goes back to
 * @param targets the definitions after, of the apps there will be
 * @param currentStep the index of the step under way; the number of steps when all are done
 */
public record Deployment(
        String id,
        Instant version,
        List<List<Action>> steps,
        SortedMap<PathId, App> originals,
        SortedMap<PathId, App> targets,
        int currentStep) {

    public Deployment {
        List<List<Action>> copy = new ArrayList<>();
        steps.forEach(step -> copy.add(List.copyOf(step)));
        steps = Collections.unmodifiableList(copy);
        originals = Collections.unmodifiableSortedMap(new TreeMap<>(originals));
        targets = Collections.unmodifiableSortedMap(new TreeMap<>(targets));
    }

    /** The apps it holds: no other deployment may change them meanwhile. */
    public SortedSet<PathId> affectedApps() {
        SortedSet<PathId> ids = new TreeSet<>();
        steps.forEach(step -> step.forEach(action -> ids.add(action.app())));
        return ids;
    }

    public List<Action> currentActions() {
        return currentStep < steps.size() ? steps.get(currentStep) : List.of();
    }

    /** What it is doing to an app right now; empty when it only holds it. */
    public Optional<Action> currentAction(PathId app) {
        return currentActions().stream().filter(a -> a.app().equals(app)).findFirst();
    }

    public boolean isDone() {
        return currentStep >= steps.size();
    }

    public Deployment nextStep() {
        return new Deployment(id, version, steps, originals, targets, currentStep + 1);
    }
}
