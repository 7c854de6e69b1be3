package io.paddock.platform.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.common.authorization.Acls;
import io.paddock.common.authorization.Action;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RulesTest {
    private static Acls acls(String json) {
        return AclsJson.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @EnumSource(Action.class)
    void everyActionIsReadByItsNameInMesos(Action action) {
        String none = "{'" + action.key() + "':[{'principals':{'values':['p']},'"
                + action.objects().key() + "':{'type':'NONE'}}]}";
        assertThat(acls(none).permits("p", action, "/metrics/snapshot")).isFalse();
        assertThat(acls(none).permits("q", action, "/metrics/snapshot")).isTrue();
        if (action.objects().named()) {
            String some = "{'permissive':false,'" + action.key() + "':[{'principals':{'type':'ANY'},'"
                    + action.objects().key() + "':{'type':'SOME','values':['/metrics/snapshot']}}]}";
            assertThat(acls(some).permits("p", action, "/metrics/snapshot")).isTrue();
            assertThat(acls(some).permits("p", action, "/containers")).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {'run_task':[]}                                                        | 'run_task' is not an action
            {'permissive':'no'}                                                    | permissive is true or false
            {'run_tasks':{}}                                                       | run_tasks: expected a list of rules
            {'run_tasks':[{'users':{'type':'ANY'}}]}                               | run_tasks[0].principals: expected
            {'run_tasks':[{'principals':{'type':'ANY'}}]}                          | run_tasks[0].users: expected
            {'run_tasks':[{'principals':{'type':'ANY'},'roles':{'type':'ANY'}}]}   | run_tasks[0].roles: expected
            {'run_tasks':[{'principals':{'type':'ALL'},'users':{'type':'ANY'}}]}   | run_tasks[0].principals: expected
            {'run_tasks':[{'principals':{'values':[]},'users':{'type':'ANY'}}]}    | run_tasks[0].principals: expected
            {'run_tasks':[{'principals':{'values':[1]},'users':{'type':'ANY'}}]}   | run_tasks[0].principals.values: expected strings
            {'view_flags':[{'principals':{'type':'ANY'},'flags':{'values':['a']}}]}     | view_flags[0].flags: expected
            {'get_endpoints':[{'principals':{'type':'ANY'},'paths':{'values':['/x']}}]} | get_endpoints[0].paths: expected some of
            []                                                                     | expected a JSON object
            {'run_tasks                                                            | not JSON, at line 1
            """)
    void aRuleThatDoesNotFitIsNamed(String json, String message) {
        assertThatThrownBy(() -> acls(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void theFirewallKnowsAllNamesOfAnEndpoint() {
        Firewall firewall = Firewall.parse(
                "{\"disabled_endpoints\":{\"paths\":[\"/files/browse\",\"/master/state\",\"/system/stats.json\"]}}"
                        .getBytes(StandardCharsets.UTF_8));

        assertThat(firewall.blocks("/files/browse")).isTrue();
        assertThat(firewall.blocks("/master/files/browse")).isTrue();
        assertThat(firewall.blocks("/slave(1)/files/browse.json")).isTrue();
        assertThat(firewall.blocks("/files/read")).isFalse();
        assertThat(firewall.blocks("/master/state")).isTrue();
        assertThat(firewall.blocks("/state")).isFalse();
        assertThat(firewall.blocks("/system/stats.json")).isTrue();
        assertThat(firewall.blocks("/system/stats")).isTrue();
        assertThat(firewall.blocks("/slave(1)/system/stats.json")).isTrue();
        assertThatThrownBy(() -> Firewall.parse("{\"disabled_endpoint\":{}}".getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("disabled_endpoints");
    }
}
