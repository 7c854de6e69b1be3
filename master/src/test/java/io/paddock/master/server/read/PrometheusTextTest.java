package io.paddock.master.server.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrometheusTextTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            master/tasks_running | paddock_master_tasks_running 2.0
            allocator/paddock/agents_held | paddock_allocator_agents_held 2.0
            system/load_1min | paddock_system_load_1min 2.0
            allocator/mesos/roles/eng/web/shares/dominant | paddock_allocator_role_dominant_share{role="eng/web"} 2.0
            allocator/mesos/offer_filters/roles/*/active | paddock_allocator_offer_filters_active{role="*"} 2.0
            allocator/mesos/resources/cpus/offered_or_allocated | paddock_allocator_resources_offered_or_allocated{resource="cpus"} 2.0
            allocator/mesos/quota/roles/a/b/resources/mem/limit | paddock_allocator_quota_limit{role="a/b",resource="mem"} 2.0
            master/frameworks/my%20f/id-1/calls/accept | paddock_master_framework_calls_by_type{name="my%20f",framework_id="id-1",type="accept"} 2.0
            master/frameworks/f/id-1/calls | paddock_master_framework_calls{name="f",framework_id="id-1"} 2.0
            master/frameworks/f/id-1/offers/sent | paddock_master_framework_offers_sent{name="f",framework_id="id-1"} 2.0
            master/frameworks/f/id-1/roles/a/b/suppressed | paddock_master_framework_suppressed{name="f",framework_id="id-1",role="a/b"} 2.0
            master/operations/grow_volume/pending | paddock_master_operations_by_type_pending{type="grow_volume"} 2.0
            master/operations/gone_by_operator | paddock_master_operations_gone_by_operator 2.0
            """)
    void whatStandsInTheMiddleOfANameIsALabel(String name, String line) {
        TreeMap<String, Double> values = new TreeMap<>();
        values.put(name, 2.0);
        assertThat(PrometheusText.of(values).lines()).hasSize(2).contains(line);
    }

    @Test
    void samplesOfOneMetricStandTogether() {
        TreeMap<String, Double> values = new TreeMap<>();
        values.put("allocator/mesos/resources/cpus/total", 1.0);
        values.put("allocator/mesos/resources/cpus/used", 2.0);
        values.put("allocator/mesos/resources/mem/total", 3.0);
        assertThat(PrometheusText.of(values).lines())
                .containsExactly(
                        "# TYPE paddock_allocator_resources_total untyped",
                        "paddock_allocator_resources_total{resource=\"cpus\"} 1.0",
                        "paddock_allocator_resources_total{resource=\"mem\"} 3.0",
                        "# TYPE paddock_allocator_resources_used untyped",
                        "paddock_allocator_resources_used{resource=\"cpus\"} 2.0");
    }
}
