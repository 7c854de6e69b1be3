package io.paddock.client.core;

import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Ranges;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/**
 * The room that one offer has for tasks: what is left of it while tasks are put in. Takes reserved resources before
 * unreserved ones, so that what others could use too is left over; never takes revocable, shared or persistent ones. Not
 * thread safe.
 */
public final class OfferRoom {
    private static final Comparator<ResourceKey> RESERVED_FIRST =
            Comparator.comparing((ResourceKey key) -> key.reservations().isEmpty());

    private final Offer offer;
    private Resources left;
    private final List<TaskInfo> tasks = new ArrayList<>();
    private final Set<ExecutorID> executors = new HashSet<>();

    private OfferRoom(Offer offer) {
        this.offer = offer;
        this.left = ResourceMessages.fromMessages(offer.getResourcesList())
                .filter(key -> !key.revocable() && !key.shared() && key.disk() == null);
    }

    public static OfferRoom of(Offer offer) {
        return new OfferRoom(offer);
    }

    public Offer offer() {
        return offer;
    }

    /** The tasks put in so far. */
    public List<TaskInfo> tasks() {
        return List.copyOf(tasks);
    }

    /** What is left. */
    public Resources left() {
        return left;
    }

    /** Puts a task in if it fits; answers whether it did. */
    public boolean add(TaskSpec spec) {
        if (missing(spec).isPresent()) {
            return false;
        }
        TaskInfo.Builder task = TaskInfo.newBuilder();
        if (spec.executor() != null) {
            task.setExecutor(withRoom(spec.executor()));
        }
        Resources taken = Resources.EMPTY;
        for (Map.Entry<String, Double> need : spec.scalars().entrySet()) {
            taken = taken.plus(takeScalar(need.getKey(), Quantity.Scalar.of(need.getValue())));
        }
        List<Long> ports = new ArrayList<>();
        taken = taken.plus(takePorts(spec.ports(), ports));
        left = left.minus(taken);
        tasks.add(spec.task(task, ports)
                .setAgentId(offer.getAgentId())
                .addAllResources(ResourceMessages.toMessages(taken))
                .build());
        return true;
    }

    /** An executor that is there already must be named with the same resources, but does not take them again. */
    private ExecutorInfo withRoom(TaskSpec.ExecutorNeed need) {
        Resources resources = resources(need);
        if (!isThere(need)) {
            left = left.minus(resources);
            executors.add(need.info().getExecutorId());
        }
        return need.info().toBuilder()
                .addAllResources(ResourceMessages.toMessages(resources))
                .build();
    }

    private boolean isThere(TaskSpec.ExecutorNeed need) {
        return executors.contains(need.info().getExecutorId())
                || offer.getExecutorIdsList().contains(need.info().getExecutorId());
    }

    /** Of unreserved resources only, so that it is the same in every offer. */
    private Resources resources(TaskSpec.ExecutorNeed need) {
        Resources amounts = Resources.scalar("cpus", need.cpus()).plus(Resources.scalar("mem", need.mem()));
        return offer.hasAllocationInfo()
                ? amounts.allocatedTo(offer.getAllocationInfo().getRole())
                : amounts;
    }

    /** Takes tasks from the front of a queue for as long as they fit. */
    public OfferRoom fill(Queue<TaskSpec> waiting) {
        for (TaskSpec next = waiting.peek(); next != null && add(next); next = waiting.peek()) {
            waiting.remove();
        }
        return this;
    }

    /** What a task needs that is not here, in words with numbers; empty when it fits. */
    public Optional<String> missing(TaskSpec spec) {
        List<String> missing = new ArrayList<>();
        Resources forExecutor =
                spec.executor() == null || isThere(spec.executor()) ? Resources.EMPTY : resources(spec.executor());
        if (!left.contains(forExecutor)) {
            missing.add(
                    "for the executor: " + forExecutor.unallocated() + " needed, only " + left.unallocated() + " left");
        }
        spec.scalars().forEach((name, own) -> {
            double amount = own + forExecutor.scalar(name);
            if (left.thousandths(name) < Quantity.Scalar.of(amount).thousandths()) {
                missing.add(name + ": " + Quantity.Scalar.of(amount) + " needed, "
                        + new Quantity.Scalar(left.thousandths(name)) + " left");
            }
        });
        Ranges there = left.ranges("ports");
        long count = there.ranges().stream().mapToLong(Ranges.Range::size).sum();
        if (count < spec.ports().size()) {
            missing.add("ports: " + spec.ports().size() + " needed, " + count + " left");
        }
        for (int port : spec.ports()) {
            if (port != 0 && !there.contains(Ranges.of(port, port))) {
                missing.add("ports: " + port + " is not in " + (there.isEmpty() ? "an offer without ports" : there));
            }
        }
        return missing.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", missing));
    }

    private Resources takeScalar(String name, Quantity.Scalar amount) {
        Resources.Builder taken = new Resources.Builder();
        long need = amount.thousandths();
        for (ResourceKey key : keys(name)) {
            if (need > 0 && left.get(key) instanceof Quantity.Scalar there) {
                long take = Math.min(need, there.thousandths());
                taken.add(key, new Quantity.Scalar(take));
                need -= take;
            }
        }
        return taken.build();
    }

    /** Those with a number first, so that no other gets them. */
    private Resources takePorts(List<Integer> wanted, List<Long> numbers) {
        Ranges free = left.ranges("ports");
        for (int port : wanted) {
            if (port != 0) {
                free = free.minus(Ranges.of(port, port));
            }
        }
        Resources taken = Resources.EMPTY;
        for (int port : wanted) {
            long number = port != 0 ? port : free.ranges().get(0).begin();
            free = free.minus(Ranges.of(number, number));
            numbers.add(number);
            taken = taken.plus(Resources.of(keyOfPort(number), Ranges.of(number, number)));
        }
        return taken;
    }

    private ResourceKey keyOfPort(long port) {
        return keys("ports").stream()
                .filter(key -> left.get(key) instanceof Ranges there && there.contains(Ranges.of(port, port)))
                .findFirst()
                .orElseThrow();
    }

    private List<ResourceKey> keys(String name) {
        return left.amounts().keySet().stream()
                .filter(key -> key.name().equals(name))
                .sorted(RESERVED_FIRST)
                .toList();
    }
}
