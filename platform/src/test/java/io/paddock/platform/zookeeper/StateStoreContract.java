package io.paddock.platform.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What every store keeps; run against each of them. */
abstract class StateStoreContract {
    /** Takes the same state over once more. */
    abstract StateStore open();

    @Test
    void keepsWhatWasWrittenForTheNextOwner() {
        StateStore first = open();
        done(first.write(List.of(put("agents/S1", "a"), put("agents/S2", "b"), put("apps//web/x y", "c"))));
        done(first.write(List.of(put("agents/S1", "a2"), StateStore.delete("agents/S2"))));
        Map<String, String> expected = Map.of("agents/S1", "a2", "apps//web/x y", "c");
        assertThat(load(first, "")).isEqualTo(expected);
        StateStore next = open();
        assertThat(load(next, "")).isEqualTo(expected);
        assertThat(load(next, "agents/")).containsOnlyKeys("agents/S1");
        assertThat(load(next, "apps//web")).containsOnlyKeys("apps//web/x y");
        assertThat(load(next, "none/")).isEmpty();
    }

    @Test
    void aNewOwnerFencesTheOldOne() {
        StateStore old = open();
        done(old.write(List.of(put("a/1", "old"))));
        StateStore next = open();
        assertFailsWith(StateStore.FencedException.class, old.write(List.of(put("a/1", "late"), put("a/2", "late"))));
        assertThat(load(next, "")).isEqualTo(Map.of("a/1", "old"));
        done(next.write(List.of(put("a/1", "new"))));
        assertThat(load(open(), "")).isEqualTo(Map.of("a/1", "new"));
    }

    @Test
    void writesTakeEffectInTheirOrder() {
        StateStore store = open();
        CompletionStage<Void> last = store.write(List.of(put("a/1", "0")));
        for (int i = 1; i < 200; i++) {
            last = store.write(List.of(
                    i % 3 == 0 ? StateStore.delete("a/1") : put("a/1", Integer.toString(i)), put("a/" + i, "x")));
        }
        done(last);
        assertThat(load(open(), "")).containsEntry("a/1", "199").hasSize(199);
    }

    @Test
    void deletingWhatIsNotThereAndWritingEmptyValuesIsFine() {
        StateStore store = open();
        done(store.write(List.of(StateStore.delete("a/1"), put("a/2", ""))));
        done(store.write(List.of()));
        assertThat(load(open(), "")).isEqualTo(Map.of("a/2", ""));
    }

    @Test
    void refusesWhatOneRequestCannotCarryAndGoesOn() {
        StateStore store = open();
        assertFailsWith(
                StateStore.TooLargeException.class, store.write(List.of(StateStore.put("a/big", new byte[1_000_000]))));
        assertFailsWith(IllegalArgumentException.class, store.write(List.of(put("nokey", "x"))));
        done(store.write(List.of(put("a/1", "x"))));
        assertThat(load(open(), "")).containsOnlyKeys("a/1");
    }

    private static StateStore.Write put(String key, String value) {
        return StateStore.put(key, value.getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, String> load(StateStore store, String prefix) {
        SortedMap<String, byte[]> found =
                store.load(prefix).toCompletableFuture().join();
        Map<String, String> texts = new TreeMap<>();
        found.forEach((key, value) -> texts.put(key, new String(value, StandardCharsets.UTF_8)));
        return texts;
    }

    private static void done(CompletionStage<Void> write) {
        write.toCompletableFuture().join();
    }

    private static void assertFailsWith(Class<? extends Exception> reason, CompletionStage<Void> write) {
        assertThatThrownBy(() -> write.toCompletableFuture().join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(reason);
    }
}
