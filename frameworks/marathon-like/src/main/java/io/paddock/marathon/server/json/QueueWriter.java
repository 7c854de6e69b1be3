package io.paddock.marathon.server.json;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.AppView;
import io.paddock.marathon.core.launch.AgentText;
import io.paddock.marathon.core.launch.LaunchLog;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Stamp;
import io.paddock.proto.v1.Attribute;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Resource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** Writes what waits in the queue, and why. */
public final class QueueWriter {
    private QueueWriter() {}

    /**
     * One app with waiting instances.
     *
     * @param embeds {@code lastUnusedOffers} shows the refused offers, {@code reason} says in a sentence why it waits
     * @param connected whether there is a subscription to a master
     */
    public static ObjectNode write(AppView view, List<String> embeds, boolean connected, Instant now) {
        App app = Objects.requireNonNull(view.current(), "an app with a definition");
        ObjectNode out = AppWriter.NODES.objectNode();
        out.put("count", view.waiting());
        // Python clients refuse keys they do not know, and this one came late: left out where it says nothing.
        if (!app.placement().role().equals("*")) {
            out.put("role", app.placement().role());
        }
        Duration left = Duration.between(now, view.backoff().until());
        long seconds = left.isNegative() ? 0 : (left.toMillis() + 999) / 1000;
        out.putObject("delay").put("timeLeftSeconds", seconds).put("overdue", seconds == 0);
        out.put("since", Stamp.format(view.waitingSince()));
        LaunchLog.Summary launches = view.launches();
        ObjectNode summary = out.putObject("processedOffersSummary");
        summary.put("processedOffersCount", launches.processed());
        summary.put("unusedOffersCount", launches.unused());
        TaskWriter.time(summary, "lastUnusedOfferAt", launches.lastUnused());
        TaskWriter.time(summary, "lastUsedOfferAt", launches.lastUsed());
        summary.set("rejectSummaryLastOffers", levels(launches.lastOffers()));
        summary.set("rejectSummaryLaunchAttempt", levels(launches.sinceStart()));
        if (embeds.contains("reason")) {
            out.put("reason", WaitReason.of(view, app, connected, now));
        }
        if (embeds.contains("lastUnusedOffers")) {
            ArrayNode offers = out.putArray("lastUnusedOffers");
            launches.refused().forEach(r -> offers.add(refused(r)));
        }
        out.set("app", AppWriter.write(app));
        return out;
    }

    private static ArrayNode levels(List<LaunchLog.Level> levels) {
        ArrayNode out = AppWriter.NODES.arrayNode();
        levels.forEach(l -> out.addObject()
                .put("reason", l.reason().apiName())
                .put("declined", l.declined())
                .put("processed", l.processed()));
        return out;
    }

    private static ObjectNode refused(LaunchLog.Refused r) {
        ObjectNode out = AppWriter.NODES.objectNode();
        Offer o = r.offer();
        ObjectNode offer = out.putObject("offer");
        offer.put("id", o.getId().getValue());
        offer.put("hostname", o.getHostname());
        offer.put("agentId", o.getAgentId().getValue());
        ArrayNode resources = offer.putArray("resources");
        o.getResourcesList().forEach(resource -> resources.add(resource(resource)));
        ArrayNode attributes = offer.putArray("attributes");
        o.getAttributesList().forEach(a -> attributes.add(attribute(a)));
        ArrayNode reasons = out.putArray("reason");
        r.why().forEach(why -> reasons.add(why.apiName()));
        return out.put("timestamp", Stamp.format(r.at()));
    }

    private static ObjectNode resource(Resource r) {
        int last = r.getReservationsCount() - 1;
        ObjectNode out = AppWriter.NODES.objectNode().put("name", r.getName());
        out.put("role", last < 0 ? "*" : r.getReservations(last).getRole());
        if (r.hasScalar()) {
            out.put("scalar", r.getScalar().getValue());
        }
        if (r.hasRanges()) {
            ArrayNode ranges = out.putArray("ranges");
            r.getRanges()
                    .getRangeList()
                    .forEach(x -> ranges.addObject().put("begin", x.getBegin()).put("end", x.getEnd()));
        }
        if (r.hasSet()) {
            ArrayNode set = out.putArray("set");
            r.getSet().getItemList().forEach(set::add);
        }
        return out;
    }

    private static ObjectNode attribute(Attribute a) {
        ObjectNode out = AppWriter.NODES.objectNode().put("name", a.getName());
        if (a.hasScalar()) {
            out.put("scalar", a.getScalar().getValue());
        } else {
            out.put("text", AgentText.text(a));
        }
        return out;
    }
}
