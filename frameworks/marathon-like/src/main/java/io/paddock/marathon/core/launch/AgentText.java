package io.paddock.marathon.core.launch;

import io.paddock.common.resources.Names;
import io.paddock.common.resources.Ranges;
import io.paddock.marathon.core.instance.Agent;
import io.paddock.proto.v1.Attribute;
import io.paddock.proto.v1.DomainInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Value;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads what constraints compare from an offer: scalars with at most three decimals, ranges and sets sorted. */
public final class AgentText {
    private AgentText() {}

    public static Agent of(Offer offer) {
        SortedMap<String, String> attributes = new TreeMap<>();
        for (Attribute a : offer.getAttributesList()) {
            attributes.put(a.getName(), text(a));
        }
        boolean hasDomain = offer.hasDomain() && offer.getDomain().hasFaultDomain();
        DomainInfo.FaultDomain domain = offer.getDomain().getFaultDomain();
        return new Agent(
                offer.getAgentId().getValue(),
                offer.getHostname(),
                hasDomain ? domain.getRegion().getName() : null,
                hasDomain ? domain.getZone().getName() : null,
                attributes);
    }

    /** A number as constraints see it. */
    public static String number(double value) {
        BigDecimal rounded = BigDecimal.valueOf(value).setScale(3, RoundingMode.HALF_EVEN);
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }

    /** An attribute in its text form. */
    public static String text(Attribute a) {
        switch (a.getType()) {
            case SCALAR:
                return number(a.getScalar().getValue());
            case RANGES:
                List<Ranges.Range> ranges = new ArrayList<>();
                for (Value.Range r : a.getRanges().getRangeList()) {
                    ranges.add(new Ranges.Range(r.getBegin(), r.getEnd()));
                }
                return Ranges.of(ranges).toString().replace(" ", "");
            case SET:
                return Names.of(a.getSet().getItemList()).toString().replace(" ", "");
            case TEXT:
                return a.getText().getValue();
        }
        throw new AssertionError(a.getType());
    }
}
