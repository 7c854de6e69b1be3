package io.paddock.master.core.quota;

import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.OfferView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which outstanding offers to take back so that new quotas hold: offers to roles that are beyond a limit if they accepted
 * them, and offers of what is lacking to guarantees and not free. Newest first, and no more than necessary; an offer whose
 * end would only open as large a gap in the guarantee of its own role stays.
 */
public final class OffersInTheWay {
    private final QuotaTree quotas;
    /** Offers that stay count as consumed: they may be accepted. */
    private final QuotaConsumption held;

    private final Map<String, Long> free = new HashMap<>();
    private final List<OfferView> kept;
    private final List<OfferView> rescinded = new ArrayList<>();

    private OffersInTheWay(QuotaTree quotas, QuotaConsumption used, List<OfferView> newestFirst) {
        this.quotas = quotas;
        this.held = used;
        this.kept = new ArrayList<>(newestFirst);
        newestFirst.forEach(offer -> held.add(offer.resources(), 1));
    }

    /**
     * The offers to rescind.
     *
     * @param used becomes the consumption after the rescissions, offers that stay included
     * @param free the unreserved resources that nobody holds
     */
    public static List<OfferView> find(
            QuotaTree quotas, QuotaConsumption used, Resources free, List<OfferView> newestFirst) {
        OffersInTheWay way = new OffersInTheWay(quotas, used, newestFirst);
        way.addFree(free);
        way.beyondLimits();
        way.forGuarantees();
        return way.rescinded;
    }

    private void beyondLimits() {
        Optional<OfferView> offer = tooMuch();
        while (offer.isPresent()) {
            rescind(offer.get());
            offer = tooMuch();
        }
    }

    private Optional<OfferView> tooMuch() {
        List<QuotaTree.Excess> excesses = quotas.excesses(held);
        return kept.stream()
                .filter(offer ->
                        excesses.stream().anyMatch(e -> e.concerns(offer.role()) && amount(offer, e.name()) > 0))
                .findFirst();
    }

    private void forGuarantees() {
        Map<String, Long> gap = gap();
        for (OfferView offer : List.copyOf(kept)) {
            if (gap.isEmpty()) {
                return;
            }
            if (gap.keySet().stream().noneMatch(name -> amount(offer, name) > 0)) {
                continue;
            }
            rescind(offer);
            Map<String, Long> after = gap();
            if (smaller(after, gap)) {
                gap = after;
            } else {
                keep(offer);
            }
        }
    }

    /** What is lacking to guarantees and not free. */
    private Map<String, Long> gap() {
        Map<String, Long> gap = new HashMap<>();
        quotas.lacking(held).forEach((name, lacking) -> {
            long missing = lacking - free.getOrDefault(name, 0L);
            if (missing > 0) {
                gap.put(name, missing);
            }
        });
        return gap;
    }

    private static boolean smaller(Map<String, Long> after, Map<String, Long> before) {
        return before.entrySet().stream().anyMatch(e -> after.getOrDefault(e.getKey(), 0L) < e.getValue());
    }

    private void rescind(OfferView offer) {
        kept.remove(offer);
        rescinded.add(offer);
        held.add(offer.resources(), -1);
        addFree(offer.resources());
    }

    private void keep(OfferView offer) {
        rescinded.remove(offer);
        kept.add(offer);
        held.add(offer.resources(), 1);
        offer.resources().amounts().forEach((key, quantity) -> {
            if (QuotaConsumption.counts(key) && quantity instanceof Scalar scalar) {
                free.merge(key.name(), -scalar.thousandths(), Long::sum);
            }
        });
    }

    private void addFree(Resources resources) {
        resources.amounts().forEach((key, quantity) -> {
            if (QuotaConsumption.counts(key) && quantity instanceof Scalar scalar) {
                free.merge(key.name(), scalar.thousandths(), Long::sum);
            }
        });
    }

    private static long amount(OfferView offer, String name) {
        return offer.resources().amounts().entrySet().stream()
                .filter(e -> e.getKey().name().equals(name) && QuotaConsumption.counts(e.getKey()))
                .mapToLong(e -> e.getValue() instanceof Scalar scalar ? scalar.thousandths() : 0)
                .sum();
    }
}
