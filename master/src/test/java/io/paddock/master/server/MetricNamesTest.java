package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.StatusUpdate;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.quota.QuotaConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code /metrics/snapshot} of a master at work has every name of Mesos' masters, but for those that are named here. */
class MetricNamesTest {
    @RegisterExtension
    static final MasterFixture MASTERS = new MasterFixture();

    private static final Pattern CHOICE = Pattern.compile("\\{([^{}]*)}");

    private static final String NAMES = """
            master/{uptime_secs,elected}
            master/{cpus,gpus,mem,disk}{,_revocable}_{total,used,percent}
            master/slaves_{connected,disconnected,active,inactive,unreachable}
            master/frameworks_{connected,disconnected,active,inactive}
            master/{outstanding_offers,operator_event_stream_subscribers,dropped_messages,http_cache_hits,recovery_slave_removals}
            master/tasks_{staging,starting,running,killing,unreachable}
            master/tasks_{finished,failed,killed,lost,error,dropped,gone,gone_by_operator}
            master/task_failed/source_slave/reason_command_executor_failed
            master/task_lost/source_master/reason_invalid_offers
            master/messages_{register_framework,reregister_framework,unregister_framework,kill_task,status_update_acknowledgement}
            master/messages_{resource_request,launch_tasks,decline_offers,revive_offers,suppress_offers,reconcile_operations,reconcile_tasks}
            master/messages_{framework_to_executor,operation_status_update_acknowledgement,executor_to_framework,register_slave}
            master/messages_{reregister_slave,unregister_slave,status_update,operation_status_update,exited_executor,update_slave}
            master/{valid,invalid}_{framework_to_executor_messages,executor_to_framework_messages,status_updates}
            master/{valid,invalid}_{status_update_acknowledgements,operation_status_updates,operation_status_update_acknowledgements}
            master/event_queue_{messages,dispatches,http_requests}
            master/slave_{registrations,reregistrations,removals}
            master/slave_removals/reason_{unhealthy,unregistered,registered}
            master/slave_{shutdowns,unreachable}_{scheduled,completed,canceled}
            master/operations/{total,pending,recovering,unreachable,finished,failed,error,dropped,gone_by_operator}
            master/operations/{reserve,unreserve,create,destroy,grow_volume,shrink_volume,create_disk,destroy_disk}/{total,pending,recovering,unreachable,finished,failed,error,dropped,gone_by_operator}
            master/frameworks/my%20f/ID/{subscribed,calls,calls/accept,events,events/offers,operations,operations/launch}
            master/frameworks/my%20f/ID/{tasks/active/task_staging,tasks/terminal/task_failed,roles/web/suppressed}
            master/frameworks/my%20f/ID/offers/{sent,accepted,declined,rescinded}
            frameworks/p/messages_{received,processed}
            registrar/{queued_operations,registry_size_bytes,log/recovered}
            registrar/state_{fetch,store}_ms
            registrar/state_store_ms/{count,min,max,p50,p90,p95,p99,p999,p9999}
            allocator/event_queue_dispatches
            allocator/mesos/{event_queue_dispatches,allocation_runs}
            allocator/mesos/allocation_run{,_latency}_ms{,/count,/min,/max,/p50,/p90,/p95,/p99,/p999,/p9999}
            allocator/mesos/resources/{cpus,mem,disk}/{total,offered_or_allocated}
            allocator/mesos/roles/web/shares/dominant
            allocator/mesos/offer_filters/roles/web/active
            allocator/mesos/quota/roles/web/resources/cpus/{guarantee,limit,consumed,offered_or_allocated}
            system/{cpus_total,load_1min,load_5min,load_15min,mem_total_bytes,mem_free_bytes}
            """;

    /** Of drivers of the old kind and of the replicated log. */
    private static final String NOT_THERE = """
            master/messages_{deactivate_framework,authenticate}
            registrar/log/ensemble_size
            """;

    private static List<String> expanded(String names) {
        List<String> all = new ArrayList<>();
        names.lines().forEach(line -> expand(line, all));
        return all;
    }

    private static void expand(String name, List<String> all) {
        Matcher choice = CHOICE.matcher(name);
        if (!choice.find()) {
            all.add(name);
            return;
        }
        for (String each : choice.group(1).split(",", -1)) {
            expand(name.substring(0, choice.start()) + each + name.substring(choice.end()), all);
        }
    }

    @Test
    void everyNameIsThere() throws Exception {
        FrameworkInfo info = FrameworkInfo.newBuilder()
                .setUser("u")
                .setName("my f")
                .setPrincipal("p")
                .addRoles("web")
                .addCapabilities(
                        FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.MULTI_ROLE))
                .build();
        try (MasterServer master = MASTERS.start();
                ScriptedAgent agent = ScriptedAgent.connect(MASTERS.client(), master.port())) {
            agent.register("cpus:4;mem:1024");
            ScriptedOperator operator = new ScriptedOperator(MASTERS.client(), master.port(), WireFormat.JSON);
            operator.call(Call.newBuilder()
                    .setType(Call.Type.UPDATE_QUOTA)
                    .setUpdateQuota(Call.UpdateQuota.newBuilder()
                            .setForce(true)
                            .addQuotaConfigs(QuotaConfig.newBuilder()
                                    .setRole("web")
                                    .putGuarantees("cpus", amount(1))
                                    .putLimits("cpus", amount(2)))));
            try (ScriptedScheduler scheduler =
                    ScriptedScheduler.subscribe(MASTERS.client(), master.port(), WireFormat.JSON, info)) {
                await().until(() -> !scheduler.offers().isEmpty());
                Offer offer = scheduler.offers().get(0);
                scheduler.call(MasterServerTest.accept(
                        offer,
                        MasterServerTest.task("t1", offer, "cpus:1;mem:32"),
                        MasterServerTest.task("t2", offer, "cpus:1;mem:32")));
                await().until(() -> agent.launched().size() == 2);
                agent.send(FromAgent.newBuilder()
                        .setStatusUpdate(StatusUpdate.newBuilder()
                                .setFrameworkId(scheduler.frameworkId())
                                .setLatestState(TaskState.TASK_FAILED)
                                .setStatus(TaskStatus.newBuilder()
                                        .setTaskId(TaskID.newBuilder().setValue("t2"))
                                        .setState(TaskState.TASK_FAILED)
                                        .setSource(TaskStatus.Source.SOURCE_AGENT)
                                        .setReason(TaskStatus.Reason.REASON_COMMAND_EXECUTOR_FAILED)
                                        .setUuid(ByteString.copyFrom(new byte[16])))));
                await().until(() -> !scheduler.updates().isEmpty());
                scheduler.call(MasterServerTest.acknowledge(scheduler.updates().get(0)));
                scheduler.call(MasterServerTest.accept(offer, MasterServerTest.task("t3", offer, "cpus:1;mem:32")));
                String id = scheduler.frameworkId().getValue();
                await().untilAsserted(() -> {
                    TreeSet<String> there = new TreeSet<>();
                    operator.get("/metrics/snapshot").fieldNames().forEachRemaining(there::add);
                    assertThat(there).containsAll(expanded(NAMES.replace("ID", id)));
                    assertThat(there).doesNotContainAnyElementsOf(expanded(NOT_THERE));
                });
            }
        }
    }

    @Test
    void readsOfOneSnapshotAreSharedAndCallsOfAPrincipalCounted() throws Exception {
        FrameworkInfo info = FrameworkInfo.newBuilder()
                .setUser("u")
                .setName("f")
                .setPrincipal("p")
                .build();
        try (MasterServer master = MASTERS.start();
                ScriptedScheduler scheduler =
                        ScriptedScheduler.subscribe(MASTERS.client(), master.port(), WireFormat.JSON, info)) {
            await().until(() -> !scheduler.events.isEmpty());
            ScriptedOperator operator = new ScriptedOperator(MASTERS.client(), master.port(), WireFormat.JSON);
            operator.get("/state");
            operator.get("/slaves");
            await().until(() -> operator.get("/metrics/snapshot")
                            .path("master/http_cache_hits")
                            .asInt()
                    > 0);
            int before = operator.get("/metrics/snapshot")
                    .path("frameworks/p/messages_processed")
                    .asInt();
            scheduler.call(io.paddock.proto.v1.scheduler.Call.newBuilder()
                    .setType(io.paddock.proto.v1.scheduler.Call.Type.REVIVE));
            await().untilAsserted(() -> assertThat(List.of(
                            operator.get("/metrics/snapshot")
                                    .path("frameworks/p/messages_processed")
                                    .asInt(),
                            operator.get("/metrics/snapshot")
                                    .path("frameworks/p/messages_received")
                                    .asInt()))
                    .containsExactly(before + 1, before + 1));
            assertThat(operator.get("/metrics/snapshot")
                            .path("master/event_queue_dispatches")
                            .asInt())
                    .isZero();
        }
    }

    private static Value.Scalar amount(double value) {
        return Value.Scalar.newBuilder().setValue(value).build();
    }
}
