package io.paddock.platform.zookeeper;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.platform.json.Json;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.Address;
import io.paddock.proto.v1.MasterInfo;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a master writes into its election node, readable by every Mesos detector: MasterInfo in JSON with all three ways to
 * say an address.
 */
public final class MasterNode {
    /** What the names of masters' nodes start with. */
    public static final String LABEL = "json.info_";

    private static final String SCHEME = "scheme";
    private static final String HTTPS = "https";

    private MasterNode() {}

    /**
     * The identity of a master.
     *
     * @param hostname where others reach it
     * @param ip the address to the name; IPv4
     */
    @SuppressWarnings("deprecation") // old detectors read ip, port and hostname
    public static MasterInfo.Builder masterInfo(String id, String hostname, String ip, int port, String version) {
        return MasterInfo.newBuilder()
                .setId(id)
                .setIp(littleEndian(ip))
                .setPort(port)
                .setPid("master@" + ip + ":" + port)
                .setHostname(hostname)
                .setVersion(version)
                .setAddress(Address.newBuilder().setHostname(hostname).setIp(ip).setPort(port))
                .addCapabilities(MasterInfo.Capability.newBuilder().setType(MasterInfo.Capability.Type.AGENT_UPDATE))
                .addCapabilities(MasterInfo.Capability.newBuilder().setType(MasterInfo.Capability.Type.AGENT_DRAINING))
                .addCapabilities(MasterInfo.Capability.newBuilder().setType(MasterInfo.Capability.Type.QUOTA_V2));
    }

    public static byte[] encode(MasterInfo info) {
        return JsonCodec.toJson(info);
    }

    /**
     * A node that also says how the master is spoken to. MasterInfo has no word for it, so an HTTPS master adds a field that other
     * detectors skip; the node of a plain one is as Mesos writes it.
     */
    public static byte[] encode(MasterInfo info, boolean https) {
        return https ? Json.bytes(Json.read(encode(info), ObjectNode.class).put(SCHEME, HTTPS)) : encode(info);
    }

    /** Whether a node says that its master speaks HTTPS. */
    public static boolean isHttps(byte[] node) {
        return Json.read(node, JsonNode.class).path(SCHEME).asText().equals(HTTPS);
    }

    /**
     * Reads a node, also one written by Mesos.
     *
     * @throws IllegalArgumentException when it is not MasterInfo
     */
    public static MasterInfo decode(byte[] node) {
        return JsonCodec.fromJson(node, MasterInfo.getDefaultInstance());
    }

    /** {@code 10.0.0.1} is 16777226: the address in network order read as little-endian. */
    private static int littleEndian(String ip) {
        try {
            byte[] bytes = InetAddress.getByName(ip).getAddress();
            return bytes.length == 4
                    ? ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt()
                    : 0;
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("'" + ip + "' is not an IP address", e);
        }
    }
}
