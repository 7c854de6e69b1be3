package io.paddock.common.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.authorization.Acls.Rule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AclsTest {
    private static final Acls ROLES = new Acls(
            false,
            Map.of(
                    Action.REGISTER_FRAMEWORKS,
                    List.of(
                            new Rule(Entity.some("eng"), Entity.some("eng", "eng/%")),
                            new Rule(Entity.some("banned"), Entity.NONE),
                            new Rule(Entity.ANY, Entity.some("*")),
                            new Rule(Entity.NONE, Entity.some("secret")),
                            new Rule(Entity.some("ops"), Entity.ANY))));

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            eng,    eng,        true
            eng,    eng/a,      true
            eng,    eng/a/b,    true
            eng,    engine,     false
            eng,    other,      false
            banned, *,          false
            banned, eng,        false
            who,    *,          true
            -,      *,          true
            -,      eng,        false
            ops,    anything,   true
            ops,    secret,     false
            eng,    -,          false
            ops,    -,          true
            """)
    void theFirstRuleAboutBothDecides(@Nullable String principal, @Nullable String role, boolean permitted) {
        assertThat(ROLES.permits(principal, Action.REGISTER_FRAMEWORKS, role)).isEqualTo(permitted);
    }

    @ParameterizedTest
    @ValueSource(strings = {"root", "root:www", "0", "00", "0:33", ":", ":www", ""})
    void whoMayBeRootIsRootByAnyName(String user) {
        List<Rule> rules = List.of(new Rule(Entity.NONE, Entity.some("root")));
        Acls noRoot = new Acls(true, Map.of(Action.RUN_TASKS, rules));
        assertThat(noRoot.permits("p", Action.RUN_TASKS, user)).isFalse();
        assertThat(noRoot.permits("p", Action.RUN_TASKS, "www")).isTrue();
        assertThat(noRoot.permits("p", Action.RUN_TASKS, "10")).isTrue();
    }

    @Test
    void whereNoRuleAppliesPermissiveDecides() {
        Map<Action, List<Rule>> rules =
                Map.of(Action.RUN_TASKS, List.of(new Rule(Entity.some("p"), Entity.some("nobody"))));
        Acls permissive = new Acls(true, rules);
        Acls strict = new Acls(false, rules);

        assertThat(permissive.permits("q", Action.RUN_TASKS, "root")).isTrue();
        assertThat(strict.permits("q", Action.RUN_TASKS, "root")).isFalse();
        assertThat(strict.permits("p", Action.RUN_TASKS, "nobody")).isTrue();
        assertThat(permissive.permits("q", Action.MARK_AGENTS_GONE)).isTrue();
        assertThat(strict.permits("q", Action.MARK_AGENTS_GONE)).isFalse();
        assertThat(permissive.isOpen(Action.RUN_TASKS)).isFalse();
        assertThat(permissive.isOpen(Action.MARK_AGENTS_GONE)).isTrue();
        assertThat(strict.isOpen(Action.MARK_AGENTS_GONE)).isFalse();
    }

    @Test
    void aPatternIsForRolesOnly() {
        Acls acls = new Acls(
                false, Map.of(Action.RUN_TASKS, List.of(new Rule(Entity.some("team/%"), Entity.some("dev/%")))));

        assertThat(acls.permits("team/%", Action.RUN_TASKS, "dev/%")).isTrue();
        assertThat(acls.permits("team/a", Action.RUN_TASKS, "dev/x")).isFalse();
    }
}
