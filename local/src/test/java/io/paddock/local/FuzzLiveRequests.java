package io.paddock.local;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.paddock.local.FuzzRequests.Exchange;
import io.paddock.local.FuzzRequests.Sent;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.Resource;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Requests that would be good as things stand, but for none, one or two changes. */
final class FuzzLiveRequests {
    private final Random random;
    private final FuzzWorld world;
    private final FuzzMutations mutations;
    private final FuzzGoodCalls calls;
    private final FuzzGoodOperators operators;
    private final String master;
    private final String agent;

    FuzzLiveRequests(
            Random random, FuzzWorld world, FuzzCalls words, FuzzGoodOperators operators, String master, String agent) {
        this.random = random;
        this.world = world;
        this.mutations = new FuzzMutations(random, words);
        this.calls = new FuzzGoodCalls(random, world);
        this.operators = operators;
        this.master = master;
        this.agent = agent;
    }

    Exchange next() throws IOException {
        world.catchUp();
        return switch (random.nextInt(20)) {
            case 0, 1, 2 -> call(master, "/api/v1", "master", operators.master());
            case 3, 4 -> call(agent, "/api/v1", "agent", operators.agent());
            case 5, 6 -> {
                Message call = calls.executor();
                yield call == null
                        ? call(master, "/api/v1/scheduler", "scheduler", calls.scheduler())
                        : call(agent, "/api/v1/executor", "executor", call);
            }
            case 7 -> form();
            case 8 -> files();
            case 9 -> attachInput();
            default -> call(master, "/api/v1/scheduler", "scheduler", calls.scheduler());
        };
    }

    private Exchange call(String server, String path, String api, Message good) throws IOException {
        String type = good.getField(good.getDescriptorForType().findFieldByName("type"))
                .toString();
        Message call = good;
        int changes = 0;
        for (int i = random.nextInt(5) / 2; i > 0; i--) {
            Message changed = mutations.message(call);
            boolean atTheDoor = !sameField(call, changed, "type") || !sameField(call, changed, "framework_id");
            if (!losesTheAgent(changed) && !(atTheDoor && random.nextInt(3) != 0)) {
                call = changed;
                changes++;
            }
        }
        boolean json = random.nextBoolean();
        byte[] body = json ? JsonCodec.toJson(call) : call.toByteArray();
        boolean garbled = random.nextInt(20) == 0 && !type.equals("DRAIN_AGENT");
        if (garbled) {
            body = json ? mutations.json(body) : mutations.protobuf(body);
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path))
                .header("Content-Type", json ? "application/json" : "application/x-protobuf")
                .header("Accept", random.nextBoolean() ? "application/json" : "application/x-protobuf");
        if (api.equals("scheduler") && !type.endsWith("SUBSCRIBE")) {
            request.header("Mesos-Stream-Id", world.streamId());
        }
        String shown = "POST " + path + " as " + (json ? "JSON" : "protobuf") + " " + JsonCodec.toJsonString(call)
                + (garbled ? " garbled" : "");
        Sent sent = new Sent(api, type, garbled ? -1 : changes, call);
        return Exchange.of(request, body, shown, json, call, sent);
    }

    private static boolean sameField(Message one, Message other, String name) {
        FieldDescriptor field = one.getDescriptorForType().findFieldByName(name);
        return field == null || one.getField(field).equals(other.getField(field));
    }

    /** What would take the only agent away from the rest of the calls. */
    private boolean losesTheAgent(Message call) {
        if (!(call instanceof io.paddock.proto.v1.master.Call operators)) {
            return false;
        }
        return switch (operators.getType()) {
            case DRAIN_AGENT -> operators.getDrainAgent().getMarkGone();
            case MARK_AGENT_GONE -> operators.getMarkAgentGone().getAgentId().equals(world.agentId());
            case START_MAINTENANCE -> operators.toString().contains("127.0.0.1");
            default -> false;
        };
    }

    /** The forms that came before the v1 API. */
    private Exchange form() {
        io.paddock.proto.v1.master.Call call = operators.master();
        String slave = "slaveId=" + world.agentId().getValue();
        return switch (call.getType()) {
            case RESERVE_RESOURCES ->
                form("/reserve", slave, "resources", call.getReserveResources().getResourcesList());
            case UNRESERVE_RESOURCES ->
                form(
                        "/unreserve",
                        slave,
                        "resources",
                        call.getUnreserveResources().getResourcesList());
            case CREATE_VOLUMES ->
                form(
                        "/create-volumes",
                        slave,
                        "volumes",
                        call.getCreateVolumes().getVolumesList());
            case DESTROY_VOLUMES ->
                form(
                        "/destroy-volumes",
                        slave,
                        "volumes",
                        call.getDestroyVolumes().getVolumesList());
            case UPDATE_MAINTENANCE_SCHEDULE ->
                text(
                        "POST",
                        "/maintenance/schedule",
                        JsonCodec.toJsonString(
                                call.getUpdateMaintenanceSchedule().getSchedule()));
            case UPDATE_WEIGHTS ->
                text(
                        "PUT",
                        "/weights",
                        "[" + JsonCodec.toJsonString(call.getUpdateWeights().getWeightInfos(0)) + "]");
            case SET_QUOTA ->
                text("POST", "/quota", JsonCodec.toJsonString(call.getSetQuota().getQuotaRequest()));
            case REMOVE_QUOTA -> text("DELETE", "/quota/" + FuzzGoodOperators.QUOTA_ROLE, "");
            case TEARDOWN -> text("POST", "/teardown", "frameworkId=framework-of-nobody");
            default -> form();
        };
    }

    private Exchange form(String path, String slave, String name, List<Resource> resources) {
        List<String> list = new ArrayList<>();
        for (Resource resource : resources) {
            list.add(JsonCodec.toJsonString(random.nextInt(3) == 0 ? mutations.message(resource) : resource));
        }
        return text(
                "POST", path, slave + "&" + name + "=" + URLEncoder.encode(list.toString(), StandardCharsets.UTF_8));
    }

    private Exchange text(String method, String path, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        byte[] sent = random.nextInt(3) == 0 ? mutations.protobuf(bytes) : bytes;
        String contentType =
                body.startsWith("{") || body.startsWith("[") ? "application/json" : "application/x-www-form-urlencoded";
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(master + (random.nextBoolean() ? "" : "/master") + path))
                .method(method, HttpRequest.BodyPublishers.ofByteArray(sent))
                .header("Content-Type", contentType)
                .timeout(Duration.ofSeconds(30))
                .build();
        return new Exchange(
                request,
                method + " " + path + " " + new String(sent, StandardCharsets.UTF_8),
                false,
                "",
                new Sent("form", method + " " + path.replaceAll("(/quota)/.*", "$1/…"), 0, null));
    }

    private Exchange files() {
        String file = operators.sandbox().replace(' ', '+');
        Map<String, String> paths = Map.of(
                "/files/browse", "?path=" + file,
                "/files/read",
                        "?path=" + file + "/stdout&offset=" + (random.nextInt(40) - 2) + "&length="
                                + (random.nextInt(40) - 2),
                "/files/download", "?path=" + file + "/stderr");
        List<String> names = paths.keySet().stream().sorted().toList();
        String path = names.get(random.nextInt(names.size()));
        String query = paths.get(path);
        if (random.nextInt(3) == 0) {
            int cut = 1 + random.nextInt(query.length() - 1);
            query = query.substring(0, cut)
                    + List.of("/", "..", "%00", "&", "=", "x").get(random.nextInt(6))
                    + query.substring(cut);
        }
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(agent + (random.nextBoolean() ? "" : "/slave(1)") + path + query))
                .timeout(Duration.ofSeconds(30))
                .build();
        return new Exchange(request, "GET " + path + query, false, "", new Sent("files", path, 0, null));
    }

    /** Records of input for a container, their framing right or broken. */
    private Exchange attachInput() throws IOException {
        io.paddock.proto.v1.agent.Call call;
        do {
            call = operators.agent();
        } while (!call.hasAttachContainerInput());
        var input = io.paddock.proto.v1.agent.Call.newBuilder().setType(call.getType());
        input.getAttachContainerInputBuilder()
                .setType(io.paddock.proto.v1.agent.Call.AttachContainerInput.Type.PROCESS_IO)
                .getProcessIoBuilder()
                .setType(io.paddock.proto.v1.agent.ProcessIO.Type.DATA)
                .getDataBuilder()
                .setType(io.paddock.proto.v1.agent.ProcessIO.Data.Type.STDIN)
                .setData(com.google.protobuf.ByteString.copyFromUtf8("input"));
        boolean json = random.nextBoolean();
        var body = new java.io.ByteArrayOutputStream();
        for (Message record : List.of(call, input.build())) {
            Message sent = random.nextInt(4) == 0 ? mutations.message(record) : record;
            byte[] bytes = json ? JsonCodec.toJson(sent) : sent.toByteArray();
            String length = random.nextInt(6) != 0
                    ? Integer.toString(bytes.length)
                    : List.of("", "-1", "99999999999999999999", "x", "0", "1 ", "0" + bytes.length, "2147483648")
                            .get(random.nextInt(8));
            body.write((length + "\n").getBytes(StandardCharsets.UTF_8));
            body.write(bytes);
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(agent + "/api/v1"))
                .header("Content-Type", "application/recordio")
                .header("Message-Content-Type", json ? "application/json" : "application/x-protobuf")
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
                .timeout(Duration.ofSeconds(30));
        return new Exchange(
                request.build(),
                "POST /api/v1 recordio " + body.toString(StandardCharsets.UTF_8),
                true,
                "",
                new Sent("agent", "ATTACH_CONTAINER_INPUT (recordio)", 0, null));
    }
}
