package io.paddock.platform.zookeeper;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

/** Many reads at once, with a bound on how many are under way. */
final class ZooKeeperReads {
    /** Starts one background operation of Curator. */
    @FunctionalInterface
    interface Start<T> {
        void with(Done<T> done) throws Exception;
    }

    /** Takes the result of one. */
    @FunctionalInterface
    interface Done<T> {
        void accept(int code, @Nullable T value);
    }

    private record Value(String key, byte[] data) {}

    /** What a node holds and how often it was set. */
    record Versioned(byte[] data, int version) {}

    private final CuratorFramework client;
    private final int maxConcurrent;

    ZooKeeperReads(CuratorFramework client, int maxConcurrent) {
        this.client = client;
        this.maxConcurrent = maxConcurrent;
    }

    /** Waits until the server has seen all that was written before. */
    CompletionStage<Void> sync(String path) {
        return ZooKeeperReads.<String>background(
                        "sync of " + path,
                        done -> client.sync()
                                .inBackground((c, event) -> done.accept(event.getResultCode(), ""))
                                .forPath(path))
                .thenApply(ignored -> null);
    }

    CompletionStage<Versioned> versioned(String path) {
        return background(
                "data of " + path,
                done -> client.getData()
                        .inBackground((c, event) -> done.accept(
                                event.getResultCode(),
                                event.getStat() == null
                                        ? null
                                        : new Versioned(
                                                event.getData(), event.getStat().getVersion())))
                        .forPath(path));
    }

    /** The paths of all values below a root, without the root. */
    CompletionStage<List<String>> paths(String root) {
        return children(root)
                .thenCompose(collections -> all(collections, c -> childrenOf(root, c)))
                .thenApply(ZooKeeperReads::flat)
                .thenCompose(buckets -> all(buckets, b -> childrenOf(root, b)))
                .thenApply(ZooKeeperReads::flat);
    }

    /** The values of those paths whose keys start with a prefix. */
    CompletionStage<SortedMap<String, byte[]>> values(String root, List<String> paths, String prefix) {
        List<String> wanted =
                paths.stream().filter(path -> keyOf(path).startsWith(prefix)).toList();
        return all(wanted, path -> data(root + "/" + path).thenApply(data -> new Value(keyOf(path), data)))
                .thenApply(values -> {
                    SortedMap<String, byte[]> byKey = new TreeMap<>();
                    values.forEach(value -> byKey.put(value.key(), value.data()));
                    return byKey;
                });
    }

    static <T> CompletionStage<T> background(String what, Start<T> start) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            start.with((code, value) -> {
                if (code == Code.OK.intValue()) {
                    result.complete(value);
                } else {
                    result.completeExceptionally(new IllegalStateException("ZooKeeper: " + what + " failed: "
                            + KeeperException.create(Code.get(code)).getMessage()));
                }
            });
        } catch (Exception e) {
            result.completeExceptionally(new IllegalStateException("ZooKeeper: " + what + " failed: " + e, e));
        }
        return result;
    }

    private static String keyOf(String path) {
        int first = path.indexOf('/');
        int last = path.lastIndexOf('/');
        return StateKeys.key(path.substring(0, first), path.substring(last + 1));
    }

    private CompletionStage<List<String>> childrenOf(String root, String path) {
        return path.equals("epoch")
                ? CompletableFuture.completedFuture(List.of())
                : children(root + "/" + path)
                        .thenApply(names ->
                                names.stream().map(name -> path + "/" + name).toList());
    }

    private CompletionStage<List<String>> children(String path) {
        return background(
                "children of " + path,
                done -> client.getChildren()
                        .inBackground((c, event) -> done.accept(event.getResultCode(), event.getChildren()))
                        .forPath(path));
    }

    private CompletionStage<byte[]> data(String path) {
        return background(
                "data of " + path,
                done -> client.getData()
                        .inBackground((c, event) -> done.accept(event.getResultCode(), event.getData()))
                        .forPath(path));
    }

    private static <T> List<T> flat(List<List<T>> lists) {
        List<T> flat = new ArrayList<>();
        lists.forEach(flat::addAll);
        return flat;
    }

    /** Reads all items, at most {@code maxConcurrent} at a time; results in no particular order. */
    private <A, B> CompletionStage<List<B>> all(List<A> items, Function<A, CompletionStage<B>> read) {
        Batch<A, B> batch = new Batch<>(items, read);
        for (int i = 0; i < Math.min(maxConcurrent, items.size()); i++) {
            batch.next();
        }
        return batch.result;
    }

    private static final class Batch<A, B> {
        private final Queue<A> waiting;
        private final Function<A, CompletionStage<B>> read;
        private final int expected;
        private final List<B> results;
        private final CompletableFuture<List<B>> result = new CompletableFuture<>();

        Batch(List<A> items, Function<A, CompletionStage<B>> read) {
            this.waiting = new ArrayDeque<>(items);
            this.read = read;
            this.expected = items.size();
            this.results = new ArrayList<>(expected);
            if (expected == 0) {
                result.complete(results);
            }
        }

        void next() {
            A item;
            synchronized (this) {
                item = waiting.poll();
            }
            if (item == null || result.isDone()) {
                return;
            }
            read.apply(item).whenComplete((value, failure) -> {
                if (failure != null) {
                    result.completeExceptionally(failure);
                    return;
                }
                boolean complete;
                synchronized (this) {
                    results.add(value);
                    complete = results.size() == expected;
                }
                if (complete) {
                    result.complete(results);
                } else {
                    next();
                }
            });
        }
    }
}
