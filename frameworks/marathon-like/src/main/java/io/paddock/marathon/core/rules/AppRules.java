package io.paddock.marathon.core.rules;

import io.paddock.common.Roles;
import io.paddock.marathon.core.Refusal.Violation;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Command;
import io.paddock.marathon.core.model.Constraint;
import io.paddock.marathon.core.model.Container;
import io.paddock.marathon.core.model.Rollout;
import io.paddock.marathon.core.model.Rollout.Unreachable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The rules of an app. Source: Marathon 1.11's validation. */
public final class AppRules {
    private static final int MAX_URI_LENGTH = 1024;
    private static final Pattern URI = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*:)?[^\\s<>\"{}|\\\\^`]+");
    private static final Pattern IS_VALUE = Pattern.compile("[a-zA-Z0-9_/.-]*");
    private static final double SMALLEST_CPUS = 0.001;

    private final App app;
    private final Found found;

    private AppRules(App app, Found found) {
        this.app = app;
        this.found = found;
    }

    /**
     * Checks a definition.
     *
     * @param prefix put before the paths, as in {@code /apps(0)}; empty for an app by itself
     * @return everything that is wrong
     */
    public static List<Violation> check(App app, String prefix) {
        Found found = new Found(prefix);
        AppRules rules = new AppRules(app, found);
        IdRules.check(app.id(), found);
        rules.checkCommand();
        rules.checkSizing();
        rules.checkConstraints();
        rules.checkPlacement();
        rules.checkRollout();
        NetworkRules.check(app, found);
        CheckRules.check(app, found);
        return found.all();
    }

    private void checkCommand() {
        Command command = app.command();
        boolean hasCmd = command.cmd() != null;
        boolean hasArgs = !command.args().isEmpty();
        boolean hasImage = app.container().image() != null;
        if (hasCmd && hasArgs) {
            found.add("/", "must not have both cmd and args");
        } else if (!hasCmd && !hasArgs && !hasImage && command.usesBuiltInExecutor()) {
            found.add("/", "must have cmd, or args, or a container with an image");
        }
        if (hasCmd && command.cmd().isBlank()) {
            found.add("/cmd", "must not be empty");
        }
        for (int i = 0; i < command.fetch().size(); i++) {
            String uri = command.fetch().get(i).uri();
            if (uri.isEmpty()
                    || uri.length() > MAX_URI_LENGTH
                    || !URI.matcher(uri).matches()) {
                found.add("/fetch(" + i + ")/uri", "is not a valid URI of at most " + MAX_URI_LENGTH + " characters");
            }
        }
        String executor = command.executor();
        if (!executor.isEmpty() && !executor.matches("//cmd|/?[^/]+(/[^/]+)*")) {
            found.add("/executor", "must be empty, '//cmd' or the path of an executor, is '" + executor + "'");
        }
        Container.Image image = app.container().image();
        if (image != null && image.name().isEmpty()) {
            found.add("/container/docker/image", "must not be empty");
        }
    }

    private void checkSizing() {
        if (app.sizing().cpus() < SMALLEST_CPUS) {
            found.add(
                    "/cpus",
                    "must be at least " + SMALLEST_CPUS + ", is " + app.sizing().cpus());
        }
        Double cpus = app.sizing().cpusLimit();
        if (cpus != null && cpus < app.sizing().cpus()) {
            found.add("/resourceLimits/cpus", "must not be less than cpus");
        }
        Double mem = app.sizing().memLimit();
        if (mem != null && mem < app.sizing().mem()) {
            found.add("/resourceLimits/mem", "must not be less than mem");
        }
        if (app.sizing().gpus() > 0 && app.container().type() == Container.Type.DOCKER) {
            found.add("/gpus", "can only be used with container type MESOS or without a container");
        }
        if (app.isSingleInstance() && app.instances() > 1) {
            found.add("/instances", "must not be more than 1 with the label " + App.SINGLE_INSTANCE_LABEL);
        }
    }

    private void checkConstraints() {
        for (int i = 0; i < app.placement().constraints().size(); i++) {
            String wrong = wrong(app.placement().constraints().get(i));
            if (!wrong.isEmpty()) {
                found.add("/constraints(" + i + ")", wrong);
            }
        }
    }

    private static String wrong(Constraint c) {
        if (c.field().isEmpty()) {
            return "field must not be empty";
        }
        String value = c.value();
        switch (c.operator()) {
            case UNIQUE:
                return value == null || value.isEmpty() ? "" : "UNIQUE takes no value";
            case CLUSTER:
                return "";
            case GROUP_BY:
                return value == null || value.isEmpty() || isPositive(value) ? "" : "GROUP_BY takes a whole number";
            case MAX_PER:
                return value != null && isPositive(value) ? "" : "MAX_PER needs a whole number";
            case LIKE:
            case UNLIKE:
                return value == null ? c.operator() + " needs a regular expression" : wrongPattern(value);
            case IS:
                return value != null && IS_VALUE.matcher(value).matches()
                        ? ""
                        : "IS needs a value of letters, digits and _/.-";
        }
        throw new AssertionError(c.operator());
    }

    private static boolean isPositive(String text) {
        return text.matches("[1-9][0-9]{0,8}");
    }

    private static String wrongPattern(String text) {
        try {
            Pattern.compile(text);
            return "";
        } catch (PatternSyntaxException e) {
            return "is not a regular expression: " + e.getDescription();
        }
    }

    private void checkPlacement() {
        Roles.check("/role", app.placement().role())
                .ifPresent(r -> found.add("/role", "is not a role: " + r.message()));
        List<String> roles = app.placement().acceptedResourceRoles();
        if (roles == null) {
            return;
        }
        if (new HashSet<>(roles).size() < roles.size()) {
            found.add("/acceptedResourceRoles", "must not name a role twice");
        }
        List<String> others = new ArrayList<>(roles);
        others.removeAll(List.of("*", app.placement().role()));
        if (!others.isEmpty()) {
            found.add(
                    "/acceptedResourceRoles",
                    "may contain '*' and the app's role '" + app.placement().role() + "' only, contains " + others);
        }
    }

    private void checkRollout() {
        Rollout rollout = app.rollout();
        double min = rollout.upgrade().minimumHealthCapacity();
        double over = rollout.upgrade().maximumOverCapacity();
        if (min > 1) {
            found.add("/upgradeStrategy/minimumHealthCapacity", "must be between 0 and 1, is " + min);
        }
        if (over > 1) {
            found.add("/upgradeStrategy/maximumOverCapacity", "must be between 0 and 1, is " + over);
        }
        if (app.isSingleInstance() && (min != 0 || over != 0)) {
            found.add("/upgradeStrategy", "must be 0 and 0 with the label " + App.SINGLE_INSTANCE_LABEL);
        }
        Unreachable unreachable = rollout.unreachable();
        if (unreachable != null && unreachable.inactiveAfterSeconds() > unreachable.expungeAfterSeconds()) {
            found.add("/unreachableStrategy/inactiveAfterSeconds", "must not be more than expungeAfterSeconds");
        }
    }
}
