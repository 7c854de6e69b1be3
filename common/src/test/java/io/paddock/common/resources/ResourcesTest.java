package io.paddock.common.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourcesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cpus:8;mem:1024 | cpus:0.1;mem:32 | cpus:7.9;mem:992",
                "cpus:1 | cpus:1 | ''",
                "cpus:1 | cpus:2 | ''",
                "ports:[1-10] | ports:[3-4] | ports:[1-2, 5-10]",
                "ports:[1-10] | ports:[1-10] | ''",
                "disks:{a,b,c} | disks:{b} | 'disks:{a, c}'",
                "cpus(r):4;cpus:4 | cpus:1 | cpus:3;cpus(r):4",
            })
    void subtracts(String from, String what, String left) {
        assertThat(Resources.parse(from).minus(Resources.parse(what))).isEqualTo(Resources.parse(left));
    }

    @Test
    void aVolumeOrAMountDiskIsContainedAsAWholeOnly() {
        ResourceKey disk = ResourceKey.of("disk");
        Disk volume = new Disk(new Disk.Persistence("v", null), new Disk.Volume("RW", "data", null), null);
        Disk mount = new Disk(null, null, new Disk.Source("MOUNT", "/mnt", null, null, null));
        Disk path = new Disk(null, null, new Disk.Source("PATH", "/path", null, null, null));
        Quantity all = Quantity.Scalar.of(100);
        Quantity part = Quantity.Scalar.of(50);
        for (Disk whole : List.of(volume, mount)) {
            Resources there = Resources.of(disk.withDisk(whole), all);
            assertThat(there.contains(there)).isTrue();
            assertThat(there.contains(Resources.of(disk.withDisk(whole), part))).isFalse();
        }
        assertThat(Resources.of(disk.withDisk(path), all).contains(Resources.of(disk.withDisk(path), part)))
                .isTrue();
    }

    @Test
    void textTellsDisksApart() {
        ResourceKey disk = ResourceKey.of("disk");
        Disk mount = new Disk(null, null, new Disk.Source("MOUNT", "/mnt", null, null, null));
        Disk volume = new Disk(
                new Disk.Persistence("v", null),
                new Disk.Volume("RO", "data", null),
                new Disk.Source("PATH", "/path", null, null, null));
        assertThat(Resources.of(disk.withDisk(mount), Quantity.Scalar.of(50))).hasToString("disk[MOUNT:/mnt]:50");
        assertThat(Resources.of(disk.withDisk(volume), Quantity.Scalar.of(64)))
                .hasToString("disk[PATH:/path,v:data:ro]:64");
    }

    @Test
    void scalarsAreExactThousandths() {
        Resources tenth = Resources.scalar("cpus", 0.1);
        Resources sum = Resources.EMPTY;
        for (int i = 0; i < 10; i++) {
            sum = sum.plus(tenth);
        }
        assertThat(sum).isEqualTo(Resources.scalar("cpus", 1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"cpus", "cpus:", "cpus:-1", "cpus:x", "cpus:NaN", "ports:[5-1]", "ports:[a]", "cpus(a//b):1"})
    void badTextNamesTheResource(String text) {
        assertThatThrownBy(() -> Resources.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Whoever names a resource chooses its type, too: an agent's ports are ranges, those in a call may be a number. */
    @Test
    void amountsOfDifferentTypesAreNeverInOneAnother() {
        List<Resources> types = List.of(Resources.parse("x:2"), Resources.parse("x:[1-2]"), Resources.parse("x:{a,b}"));
        for (Resources one : types) {
            for (Resources other : types) {
                assertThat(one.contains(other)).as("%s in %s", other, one).isEqualTo(one == other);
                assertThat(one.minus(other)).isEqualTo(one == other ? Resources.EMPTY : one);
                if (one != other) {
                    assertThatThrownBy(() -> one.plus(other))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("x: expected amounts of one type");
                    assertThatThrownBy(() ->
                                    new Resources.Builder().add(one).add(other).build())
                            .isInstanceOf(IllegalArgumentException.class);
                }
            }
        }
    }

    /** Ranges against a bit set, from a printed seed. */
    @Test
    void rangesBehaveLikeSetsOfNumbers() {
        long seed = 20260101;
        Random random = new Random(seed);
        for (int round = 0; round < 2000; round++) {
            BitSet a = bits(random);
            BitSet b = bits(random);
            BitSet union = (BitSet) a.clone();
            union.or(b);
            BitSet rest = (BitSet) a.clone();
            rest.andNot(b);
            BitSet missing = (BitSet) b.clone();
            missing.andNot(a);
            assertThat(ranges(a).plus(ranges(b)))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(ranges(union));
            assertThat(ranges(a).minus(ranges(b)))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(ranges(rest));
            assertThat(ranges(a).contains(ranges(b))).isEqualTo(missing.isEmpty());
            int probe = random.nextInt(40);
            assertThat(ranges(a).contains(probe)).isEqualTo(a.get(probe));
        }
    }

    private static BitSet bits(Random random) {
        BitSet bits = new BitSet();
        for (int i = random.nextInt(6); i > 0; i--) {
            int from = random.nextInt(32);
            bits.set(from, from + 1 + random.nextInt(6));
        }
        return bits;
    }

    private static Ranges ranges(BitSet bits) {
        return Ranges.of(bits.stream().mapToObj(i -> new Ranges.Range(i, i)).toList());
    }
}
