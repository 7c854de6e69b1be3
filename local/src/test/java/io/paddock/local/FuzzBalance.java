package io.paddock.local;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Whether the sums of a master and of its only agent are right, once nothing is on its way between them. */
final class FuzzBalance {
    private static final List<String> SCALARS = List.of("cpus", "mem", "disk");
    private static final double EXACT = 1e-6;

    private FuzzBalance() {}

    /** What is not right, in words. */
    static List<String> problems(String master, String agent) {
        List<String> problems = new ArrayList<>();
        JsonNode state = Http.get(master + "/state").json();
        JsonNode slave = state.at("/slaves/0");
        JsonNode detailed = Http.get(master + "/slaves").json().at("/slaves/0");
        JsonNode ofAgent = Http.get(agent + "/state").json();
        for (String name : SCALARS) {
            double total = slave.path("resources").path(name).asDouble();
            double used = slave.path("used_resources").path(name).asDouble();
            double offered = slave.path("offered_resources").path(name).asDouble();
            double shared = shared(detailed, name);
            if (used + offered > total + shared + EXACT || used < 0 || offered < 0) {
                problems.add("%s: %s used and %s offered of %s".formatted(name, used, offered, total));
            }
            double reserved = slave.path("unreserved_resources").path(name).asDouble();
            for (JsonNode role : slave.path("reserved_resources")) {
                reserved += role.path(name).asDouble();
            }
            expect(problems, "reserved and unreserved " + name, total, reserved);
            expect(
                    problems,
                    name + " of the agent",
                    total,
                    ofAgent.path("resources").path(name).asDouble());
            double inOffers = 0;
            int offers = 0;
            double ofFrameworks = 0;
            for (JsonNode framework : state.path("frameworks")) {
                ofFrameworks += framework.path("used_resources").path(name).asDouble();
                for (JsonNode offer : framework.path("offers")) {
                    inOffers += offer.path("resources").path(name).asDouble();
                    offers++;
                }
            }
            double again = Math.max(0, offers - 1) * shared;
            if (inOffers < offered - EXACT || inOffers > offered + again + EXACT) {
                problems.add("%s in offers: expected %s and shared volumes again, got %s"
                        .formatted(name, offered, inOffers));
            }
            expect(problems, name + " used by frameworks", used, ofFrameworks);
            double allocated =
                    ofAgent.path("unreserved_resources_allocated").path(name).asDouble();
            for (JsonNode role : ofAgent.path("reserved_resources_allocated")) {
                allocated += role.path(name).asDouble();
            }
            expect(problems, name + " allocated as the agent has it", used, allocated);
        }
        return problems;
    }

    /**
     * What tasks and several offers may hold at once, while it is one part of the agent's resources.
     *
     * @param detailed the agent as {@code /slaves} has it, which tells more than {@code /state}
     */
    private static double shared(JsonNode detailed, String name) {
        double sum = 0;
        for (JsonNode role : detailed.path("reserved_resources_full")) {
            for (JsonNode resource : role) {
                if (resource.has("shared") && resource.path("name").asText().equals(name)) {
                    sum += resource.at("/scalar/value").asDouble();
                }
            }
        }
        return sum;
    }

    private static void expect(List<String> problems, String what, double expected, double got) {
        if (Math.abs(expected - got) > EXACT) {
            problems.add(what + ": expected " + expected + ", got " + got);
        }
    }

    /** Where two states differ and how; empty where they do not. */
    static String difference(Map<String, JsonNode> before, Map<String, JsonNode> after) {
        StringBuilder text = new StringBuilder();
        before.forEach((url, state) -> difference(url, state, after.get(url), text));
        return text.toString();
    }

    private static void difference(String where, JsonNode before, JsonNode after, StringBuilder text) {
        if (before.equals(after)) {
            return;
        }
        if (before.isObject() && after.isObject()) {
            TreeSet<String> names = new TreeSet<>();
            before.fieldNames().forEachRemaining(names::add);
            after.fieldNames().forEachRemaining(names::add);
            names.forEach(name -> difference(where + "." + name, before.path(name), after.path(name), text));
        } else if (before.isArray() && after.isArray() && before.size() == after.size()) {
            for (int i = 0; i < before.size(); i++) {
                difference(where + "[" + i + "]", before.get(i), after.get(i), text);
            }
        } else {
            text.append(where + " was " + before + " and became " + after + "\n");
        }
    }

    /** What a scheduler holds by its events so far, regardless of reservations and volumes. */
    static Resources offered(List<JsonNode> events) {
        Map<String, Offer> offers = new LinkedHashMap<>();
        for (JsonNode event : events) {
            for (JsonNode offer : event.at("/offers/offers")) {
                offers.put(
                        offer.at("/id/value").asText(),
                        JsonCodec.fromJson(offer.toString(), Offer.getDefaultInstance()));
            }
            offers.remove(event.at("/rescind/offer_id/value").asText());
        }
        List<Resource> all = new ArrayList<>();
        offers.values().forEach(offer -> all.addAll(offer.getResourcesList()));
        return ResourceMessages.fromMessages(all)
                .unallocated()
                .mapKeys(key -> key.withReservations(List.of()).withDisk(null));
    }
}
