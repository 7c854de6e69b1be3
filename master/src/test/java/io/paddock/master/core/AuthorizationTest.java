package io.paddock.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.Rejection;
import io.paddock.common.authorization.Acls;
import io.paddock.common.authorization.Acls.Rule;
import io.paddock.common.authorization.Action;
import io.paddock.common.authorization.Entity;
import io.paddock.master.core.allocator.Allocator;
import io.paddock.master.core.allocator.AllocatorOptions;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskInfo;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorizationTest {
    private static final FrameworkInfo FRAMEWORK = FrameworkInfo.newBuilder()
            .setUser("www")
            .setName("f")
            .setPrincipal("p")
            .addRoles("a/b")
            .addCapabilities(FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.MULTI_ROLE))
            .build();

    private static Authorization only(Action action, Entity objects, boolean root) {
        Authorization authorization = new Authorization(new Cluster(
                MasterConfig.defaults(),
                MasterInfo.newBuilder().setId("m").setIp(0).setPort(5050).build(),
                new Allocator(AllocatorOptions.defaults(1))));
        authorization.changed(new Acls(false, Map.of(action, List.of(new Rule(Entity.some("p"), objects)))), root);
        return authorization;
    }

    @ParameterizedTest
    @CsvSource({"www, '', '', true", "www, nobody, '', false", "www, '', nobody, false", "nobody, '', www, true"})
    void aTaskRunsAsItsCommandsUserOrItsExecutorsOrItsFrameworks(
            String framework, String command, String executor, boolean allowed) {
        TaskInfo.Builder task = JsonCodec.fromJson(
                "{\"name\":\"t\",\"task_id\":{\"value\":\"t\"},\"agent_id\":{\"value\":\"s\"}}",
                TaskInfo.getDefaultInstance())
                .toBuilder();
        if (executor.isEmpty()) {
            task.getCommandBuilder().setUser(command);
        }
        ExecutorInfo.Builder info = ExecutorInfo.newBuilder();
        info.getExecutorIdBuilder().setValue("e");
        info.getCommandBuilder().setUser(executor);
        FrameworkInfo owner = FRAMEWORK.toBuilder().setUser(framework).build();

        assertThat(only(Action.RUN_TASKS, Entity.some("www"), true)
                        .task(owner, task.build(), executor.isEmpty() ? null : info.build())
                        .isEmpty())
                .isEqualTo(allowed);
    }

    /** Checks run in the task's container, and the executor of a group beside its tasks. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {'check':{'type':'COMMAND','command':{'command':{'user':'USER'}}}}
            {'health_check':{'type':'COMMAND','command':{'user':'USER'}}}
            {'health_check':{'command':{'user':'USER'}}}
            """)
    void aCheckRunsAsItsOwnUser(String check) {
        for (String user : List.of("www", "nobody")) {
            TaskInfo task = JsonCodec.fromJson(
                    ("{'name':'t','task_id':{'value':'t'},'agent_id':{'value':'s'},'command':{}," + check.substring(1))
                            .replace("USER", user)
                            .replace('\'', '"'),
                    TaskInfo.getDefaultInstance());
            assertThat(only(Action.RUN_TASKS, Entity.some("www"), true)
                            .task(FRAMEWORK, task, null)
                            .isEmpty())
                    .isEqualTo(user.equals("www"));
        }
    }

    @Test
    void theExecutorOfAGroupRunsAsItsOwnUser() {
        TaskInfo.Builder task = TaskInfo.newBuilder();
        task.getCommandBuilder().setUser("www");
        ExecutorInfo.Builder executor = ExecutorInfo.newBuilder().setType(ExecutorInfo.Type.CUSTOM);
        executor.getCommandBuilder().setUser("nobody");

        assertThat(only(Action.RUN_TASKS, Entity.some("www"), true)
                        .task(FRAMEWORK, task.buildPartial(), executor.buildPartial()))
                .hasValueSatisfying(why -> assertThat(why).contains("nobody"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"root", "0", "root:www"})
    void rootIsRefusedWhereItMayNotRun(String root) {
        Authorization authorization = only(Action.RUN_TASKS, Entity.ANY, false);

        assertThat(authorization.framework(FRAMEWORK.toBuilder().setUser(root).build()))
                .hasValueSatisfying(why -> assertThat(why).contains("--no-root-submissions"));
        TaskInfo.Builder task = TaskInfo.newBuilder();
        task.getCommandBuilder().setUser(root);
        assertThat(authorization.task(FRAMEWORK, task.buildPartial(), null)).isPresent();
        assertThat(authorization.task(FRAMEWORK, TaskInfo.newBuilder().buildPartial(), null))
                .isEmpty();
    }

    private static final String STACK =
            "{\"name\":\"disk\",\"type\":\"SCALAR\",\"scalar\":{\"value\":1},\"reservations\":["
                    + "{\"type\":\"STATIC\",\"role\":\"a\"},{\"type\":\"DYNAMIC\",\"role\":\"a/b\",\"principal\":\"r\"}],"
                    + "\"disk\":{\"persistence\":{\"id\":\"v\",\"principal\":\"c\"},\"volume\":{\"mode\":\"RW\",\"container_path\":\"d\"}}}";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            RESERVE_RESOURCES   | a/b | RESERVE       | reserve       | resources
            UNRESERVE_RESOURCES | r   | UNRESERVE     | unreserve     | resources
            CREATE_VOLUMES      | a/b | CREATE        | create        | volumes
            DESTROY_VOLUMES     | c   | DESTROY       | destroy       | volumes
            """)
    void anOperationIsAboutTheTopmostReservationOrWhoMadeIt(
            Action action, String object, String type, String part, String list) {
        Offer.Operation operation = JsonCodec.fromJson(
                "{\"type\":\"" + type + "\",\"" + part + "\":{\"" + list + "\":[" + STACK + "]}}",
                Offer.Operation.getDefaultInstance());

        assertThat(only(action, Entity.some(object), true).operation(FRAMEWORK, operation))
                .isEmpty();
        assertThat(only(action, Entity.some("other", "a"), true).operation(FRAMEWORK, operation))
                .isPresent();
        assertThat(only(action, Entity.NONE, true).operation(FRAMEWORK, operation))
                .isPresent();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            RESIZE_VOLUMES       | a/b | {'type':'GROW_VOLUME','grow_volume':{'volume':DISK,'addition':DISK}}
            RESIZE_VOLUMES       | a/b | {'type':'SHRINK_VOLUME','shrink_volume':{'volume':DISK,'subtract':{'value':1}}}
            CREATE_BLOCK_DISKS   | a/b | {'type':'CREATE_DISK','create_disk':{'source':DISK,'target_type':'BLOCK'}}
            CREATE_MOUNT_DISKS   | a/b | {'type':'CREATE_DISK','create_disk':{'source':DISK,'target_type':'MOUNT'}}
            DESTROY_BLOCK_DISKS  | a/b | {'type':'DESTROY_DISK','destroy_disk':{'source':OF_BLOCK}}
            DESTROY_MOUNT_DISKS  | a/b | {'type':'DESTROY_DISK','destroy_disk':{'source':OF_MOUNT}}
            DESTROY_RAW_DISKS    | a/b | {'type':'DESTROY_DISK','destroy_disk':{'source':OF_RAW}}
            """)
    void anOperationOnADiskIsAboutItsRole(Action action, String object, String json) {
        String source = STACK.replace("\"disk\":{", "\"disk\":{\"source\":{\"type\":\"%s\"},");
        Offer.Operation operation = JsonCodec.fromJson(
                json.replace('\'', '"')
                        .replace("DISK,", STACK + ",")
                        .replace(":DISK}", ":" + STACK + "}")
                        .replace("OF_BLOCK", source.formatted("BLOCK"))
                        .replace("OF_MOUNT", source.formatted("MOUNT"))
                        .replace("OF_RAW", source.formatted("RAW")),
                Offer.Operation.getDefaultInstance());

        assertThat(only(action, Entity.some(object), true).operation(FRAMEWORK, operation))
                .isEmpty();
        assertThat(only(action, Entity.some("other", "a"), true).operation(FRAMEWORK, operation))
                .hasValueSatisfying(why -> assertThat(why).contains(action.key()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            cpus:4;mem:64                | none  | true
            cpus:4;cpus(a):2;mem(a/b):64 | a,a/b | true
            cpus:4;cpus(a):2;mem(a/b):64 | a     | false
            cpus(a):2                    | none  | false
            """)
    void anAgentsOwnReservationsAreAskedFor(String resources, String roles, boolean allowed) {
        Authorization authorization = only(Action.RESERVE_RESOURCES, Entity.some(roles.split(",")), true);
        AgentInfo agent = MasterHarness.agentInfo("h", resources).build();
        assertThat(authorization.agent("p", agent).isEmpty()).isEqualTo(allowed);
        assertThat(authorization.agent("other", agent).isEmpty()).isEqualTo(!resources.contains("("));
    }

    @Test
    void aFrameworkNeedsAllItsRoles() {
        assertThat(only(Action.REGISTER_FRAMEWORKS, Entity.some("a/%"), true).framework(FRAMEWORK))
                .isEmpty();
        assertThat(only(Action.REGISTER_FRAMEWORKS, Entity.some("a"), true).framework(FRAMEWORK))
                .contains("Not authorized to use roles [a/b] as principal 'p'");
    }

    @Test
    void anUnknownFrameworkIsTheCallsOwnProblem() {
        io.paddock.proto.v1.master.Call call = JsonCodec.fromJson(
                "{\"type\":\"TEARDOWN\",\"teardown\":{\"framework_id\":{\"value\":\"none\"}}}",
                io.paddock.proto.v1.master.Call.getDefaultInstance());

        assertThat(only(Action.TEARDOWN_FRAMEWORKS, Entity.NONE, true)
                        .operator("p", call)
                        .map(Rejection::code))
                .isEmpty();
    }
}
