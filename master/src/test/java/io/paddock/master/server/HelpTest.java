package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.platform.http.WireFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code /help} says what there is, and what it says is there. */
class HelpTest {
    @RegisterExtension
    static final MasterFixture MASTERS = new MasterFixture();

    @Test
    void everyEndpointThatIsNamedIsThere() throws Exception {
        try (MasterServer master = MASTERS.start()) {
            ScriptedOperator operator = new ScriptedOperator(MASTERS.client(), master.port(), WireFormat.JSON);
            JsonNode help = operator.get("/help?format=json");
            int endpoints = 0;
            for (JsonNode process : help.path("processes")) {
                for (JsonNode endpoint : process.path("endpoints")) {
                    String method = endpoint.path("text").asText().startsWith("GET") ? "GET" : "POST";
                    String path = "/" + process.path("id").asText()
                            + endpoint.path("name").asText();
                    assertThat(operator.curl(method, path, "").statusCode())
                            .as(method + " " + path)
                            .isNotIn(404, 405, 500);
                    endpoints++;
                }
            }
            assertThat(endpoints).isGreaterThan(30);
        }
    }

    @Test
    void aPartIsGivenAsTextAndWhatIsNotThereIsNot() throws Exception {
        try (MasterServer master = MASTERS.start()) {
            ScriptedOperator operator = new ScriptedOperator(MASTERS.client(), master.port(), WireFormat.JSON);
            assertThat(operator.curl("GET", "/help", "").body()).contains("/master/state ", "/metrics/snapshot ");
            assertThat(operator.curl("GET", "/help/metrics/", "").body().lines())
                    .hasSize(2);
            assertThat(operator.curl("GET", "/help/master/slaves", "").body())
                    .startsWith("/master/slaves ")
                    .contains("Agents and their resources");
            assertThat(operator.curl("GET", "/help/master/none", "").statusCode())
                    .isEqualTo(404);
        }
    }
}
