package io.paddock.common.authorization;

import io.paddock.common.Users;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All rules. The first rule of an action that is about both the principal and the object decides: it allows unless one of its
 * sides is NONE. Where no rule is about them, {@code permissive} decides. Source: the Mesos local authorizer.
 *
 * <table>
 *   <caption>What {@code {"principals":{"values":["p"]},"roles":{"values":["a"]}}} says, permissive or not</caption>
 *   <tr><th>principal</th><th>role</th><th>permissive</th><th>not permissive</th></tr>
 *   <tr><td>p</td><td>a</td><td>yes</td><td>yes</td></tr>
 *   <tr><td>p</td><td>b</td><td>yes</td><td>no</td></tr>
 *   <tr><td>q</td><td>a</td><td>yes</td><td>no</td></tr>
 * </table>
 */
public final class Acls {
    /** Everybody may do everything. */
    public static final Acls PERMISSIVE = new Acls(true, Map.of());

    private final boolean permissive;
    private final Map<Action, List<Rule>> rules = new EnumMap<>(Action.class);

    /** Whom a rule is about, and what. */
    public record Rule(Entity principals, Entity objects) {}

    /** @param rules by action, in their order */
    public Acls(boolean permissive, Map<Action, List<Rule>> rules) {
        this.permissive = permissive;
        rules.forEach((action, list) -> {
            if (!list.isEmpty()) {
                this.rules.put(action, List.copyOf(list));
            }
        });
    }

    /**
     * Whether a principal may do something to an object.
     *
     * @param principal who asks; null for somebody not authenticated, whom only rules for ANY or NONE are about
     * @param object what to; null for an object without a name, which only rules for ANY or NONE are about; a user who may be
     *     root is root
     */
    public boolean permits(@Nullable String principal, Action action, @Nullable String object) {
        List<Rule> list = rules.get(action);
        if (list == null) {
            return permissive;
        }
        boolean roles = action.objects() == Action.Objects.ROLES;
        String concerned = action.objects() == Action.Objects.USERS && object != null && Users.isRoot(object)
                ? Users.ROOT
                : object;
        for (Rule rule : list) {
            if (rule.principals().concerns(principal, false) && rule.objects().concerns(concerned, roles)) {
                return rule.principals().allows() && rule.objects().allows();
            }
        }
        return permissive;
    }

    /** For an action whose objects have no names. */
    public boolean permits(@Nullable String principal, Action action) {
        return permits(principal, action, null);
    }

    /** Whether nobody is ever refused this: then nobody needs to ask. */
    public boolean isOpen(Action action) {
        return permissive && !rules.containsKey(action);
    }
}
