package io.paddock.platform.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitsTest {
    private static RateLimits limits(String json) {
        return RateLimits.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsTheFormOfMesos() {
        RateLimits limits = limits("{'limits':[{'principal':'p','qps':55.5,'capacity':100000},{'principal':'q'}],"
                + "'aggregate_default_qps':333,'aggregate_default_capacity':1000000}");

        assertThat(limits.byPrincipal().get("p")).contains(new RateLimits.Limit(55.5, 100_000));
        assertThat(limits.byPrincipal().get("q")).isEmpty();
        assertThat(limits.others()).contains(new RateLimits.Limit(333, 1_000_000));
        assertThat(limits("{}")).isEqualTo(RateLimits.NONE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {'limits':{}}                                     | limits: expected a list
            {'limits':[{'qps':1}]}                            | limits[0].principal: expected a string
            {'limits':[{'principal':'p','qps':0}]}            | limits[0].qps: expected a number of more than 0
            {'limits':[{'principal':'p','capacity':1}]}       | limits[0].capacity: needs qps
            {'limits':[{'principal':'p'},{'principal':'p'}]}  | limits[1].principal: 'p' is named twice
            {'limits':[{'principal':'p','rate':1}]}           | limits[0].rate: expected one of
            {'aggregate_default_capacity':1}                  | aggregate_default_capacity: needs aggregate_default_qps
            {'aggregate_default_qps':1,'aggregate_default_capacity':-1} | aggregate_default_capacity: expected a whole number
            """)
    void aLimitThatDoesNotFitIsNamed(String json, String message) {
        assertThatThrownBy(() -> limits(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
