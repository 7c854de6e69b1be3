package io.paddock.master.core.constraints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import com.google.protobuf.Message;
import io.paddock.master.core.allocator.AgentTraits;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.scheduler.AttributeConstraint;
import io.paddock.proto.v1.scheduler.OfferConstraints;
import io.paddock.proto.v1.scheduler.OfferConstraints.RoleConstraints;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each predicate says of each kind of attribute, and what is refused. */
class ConstraintReaderTest {
    /** Attribute {@code os} is a text, {@code cores} a number, {@code gone} is missing. */
    private static final AgentTraits AGENT = new AgentTraits(
            Set.of(), "eu", "eu-1", "host7.example", Map.of("os", Optional.of("linux"), "cores", Optional.empty()));

    private static final AgentTraits BARE = new AgentTraits(Set.of(), null, null, "bare", Map.of());

    private static <M extends Message> M json(String text, M type) {
        return JsonCodec.fromJson(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8), type);
    }

    private static Map<String, RoleConstraint> read(OfferConstraints constraints) {
        return ConstraintReader.read("c", constraints, List.of("web"), RegexLimits.DEFAULT);
    }

    private static OfferConstraints.Builder group(String... constraints) {
        RoleConstraints.Group.Builder group = RoleConstraints.Group.newBuilder();
        for (String each : constraints) {
            group.addAttributeConstraints(json(each, AttributeConstraint.getDefaultInstance()));
        }
        return OfferConstraints.newBuilder()
                .putRoleConstraints(
                        "web", RoleConstraints.newBuilder().addGroups(group).build());
    }

    private static boolean holds(AgentTraits agent, String... constraints) {
        return read(group(constraints).build()).get("web").test(agent);
    }

    private static String matching(String regex) {
        return "{'selector':{'attribute_name':'os'},'predicate':{'text_matches':{'regex':'" + regex + "'}}}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            # predicate                              | text  | number | missing
            {'exists':{}}                            | true  | true   | false
            {'not_exists':{}}                        | false | false  | true
            {'text_equals':{'value':'linux'}}        | true  | true   | false
            {'text_equals':{'value':'Linux'}}        | false | true   | false
            {'text_not_equals':{'value':'linux'}}    | false | true   | true
            {'text_not_equals':{'value':'windows'}}  | true  | true   | true
            {'text_matches':{'regex':'l.*x'}}        | true  | true   | false
            {'text_matches':{'regex':'inu'}}         | false | true   | false
            {'text_matches':{'regex':'(?i)LINUX'}}   | true  | true   | false
            {'text_not_matches':{'regex':'l.*x'}}    | false | true   | true
            {'text_not_matches':{'regex':'inu'}}     | true  | true   | true
            """)
    void aPredicateOfATextANumberAndNothing(String predicate, boolean text, boolean number, boolean missing) {
        String form = "{'selector':{'attribute_name':'%s'},'predicate':%s}";
        assertThat(holds(AGENT, form.formatted("os", predicate))).isEqualTo(text);
        assertThat(holds(AGENT, form.formatted("cores", predicate))).isEqualTo(number);
        assertThat(holds(AGENT, form.formatted("gone", predicate))).isEqualTo(missing);
    }

    @ParameterizedTest
    @CsvSource({
        "HOSTNAME, host7.example, true, false", "HOSTNAME, bare, false, true", "REGION, eu, true, false",
        "REGION, us, false, false", "ZONE, eu-1, true, false", "ZONE, eu-2, false, false"
    })
    void pseudoAttributesAreTexts(String type, String value, boolean ofTheAgent, boolean ofTheBareOne) {
        String constraint = "{'selector':{'pseudoattribute_type':'" + type + "'},'predicate':{'text_equals':{'value':'"
                + value + "'}}}";
        assertThat(holds(AGENT, constraint)).isEqualTo(ofTheAgent);
        assertThat(holds(BARE, constraint)).isEqualTo(ofTheBareOne);
    }

    @Test
    void allOfAGroupAndOneOfTheGroups() {
        String linux = matching("linux");
        String windows = matching("windows");
        assertThat(holds(AGENT, linux, windows)).isFalse();
        RoleConstraints either = RoleConstraints.newBuilder()
                .addGroups(group(windows).getRoleConstraintsMap().get("web").getGroups(0))
                .addGroups(group(linux).getRoleConstraintsMap().get("web").getGroups(0))
                .build();
        RoleConstraint read = read(OfferConstraints.newBuilder()
                        .putRoleConstraints("web", either)
                        .build())
                .get("web");
        assertThat(read.test(AGENT)).isTrue();
        assertThat(read.test(BARE)).isFalse();
    }

    @Test
    void whatIsWrittenAlikeIsEqual() {
        OfferConstraints linux = group(matching("linux")).build();
        assertThat(read(linux))
                .isEqualTo(read(linux))
                .isNotEqualTo(read(group(matching("x")).build()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {'role_constraints':{'db':{'groups':[]}}}                            | c.role_constraints['db']: is not one of
            {'role_constraints':{'web':{'groups':[]}}}                           | c.role_constraints['web'].groups: must not be empty
            {'role_constraints':{'web':{'groups':[{}]}}}                         | groups[0].attribute_constraints: must not be empty
            {'role_constraints':{'web':{'groups':[{'attribute_constraints':[{'selector':{},'predicate':{'exists':{}}}]}]}}} | attribute_constraints[0].selector: exactly one
            {'role_constraints':{'web':{'groups':[{'attribute_constraints':[{'selector':{'pseudoattribute_type':'UNKNOWN'},'predicate':{'exists':{}}}]}]}}} | pseudoattribute_type: must be HOSTNAME
            {'role_constraints':{'web':{'groups':[{'attribute_constraints':[{'selector':{'attribute_name':'a'},'predicate':{}}]}]}}} | attribute_constraints[0].predicate: exactly one
            """)
    void whatIsNotCompleteIsRefusedNamingTheField(String constraints, String message) {
        assertThatThrownBy(() -> read(json(constraints, OfferConstraints.getDefaultInstance())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "((a{1000}){1000}){1000}",
                "(((((((((x{9}){9}){9}){9}){9}){9}){9}){9}){9})",
                "[a-z]{500}",
                "a{2}{200}",
                "(?:a?){64}(?:a){64}",
                "(((a*)*)*){400}"
            })
    void anExpressionTooLargeIsRefusedAtOnce(String regex) {
        assertTimeout(
                Duration.ofSeconds(2),
                () -> assertThatThrownBy(() -> read(group(matching(regex)).build()))
                        .hasMessageContaining("text_matches.regex: the regular expression is too large"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "a)", "[a", "*a", "(?<=a)b", "a{2000}", "(a)\\\\1"})
    void whatIsNoExpressionIsRefused(String regex) {
        assertThatThrownBy(() -> read(group(matching(regex)).build())).hasMessageContaining("text_matches.regex: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rack-[0-9]{1,3}",
                "(eu|us)-(east|west)-[0-9]+",
                "\\\\Qa.b{9}\\\\E",
                "[[:alpha:]\\\\]]*",
                "\\\\x{41}"
            })
    void usualExpressionsAreTaken(String regex) {
        assertThat(read(group(matching(regex)).build())).containsKey("web");
    }

    @Test
    void anExpressionThatBacktrackingNeverFinishesIsQuick() {
        AgentTraits agent =
                new AgentTraits(Set.of(), null, null, "h", Map.of("os", Optional.of("a".repeat(50_000) + "b")));
        assertTimeout(
                Duration.ofSeconds(2),
                () -> assertThat(holds(agent, matching("(a|a)*(a*)*(a+)+"))).isFalse());
    }

    @Test
    void oneFrameworkCannotAskForTooMuch() {
        String[] many = new String[ConstraintReader.MAX_CONSTRAINTS + 1];
        java.util.Arrays.fill(many, matching("x"));
        assertThatThrownBy(() -> read(group(many).build())).hasMessageContaining("no more than 1000 attribute");
        String[] large = new String[20];
        for (int i = 0; i < large.length; i++) {
            large[i] = matching("a{80}" + i);
        }
        assertThatThrownBy(() -> read(group(large).build())).hasMessageContaining("together need");
    }
}
