package io.paddock.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Function;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class EventCounterTest {
    @Test
    void addsUpWhatTheKernelWasTold() throws IOException {
        try (EventCounter counter = EventCounter.open()) {
            assertThat(counter.count()).isZero();
            add(counter, 3);
            add(counter, 4);
            assertThat(counter.count()).isEqualTo(7);
            assertThat(counter.count()).isEqualTo(7);
            add(counter, 5_000_000_000L);
            assertThat(counter.count()).isEqualTo(5_000_000_007L);
        }
    }

    @Test
    void givesItsDescriptorBackOnceAndKeepsItsCount() throws IOException {
        EventCounter counter = EventCounter.open();
        add(counter, 2);
        assertThat(counter.count()).isEqualTo(2);
        counter.close();
        assertThat(Files.exists(path(counter), LinkOption.NOFOLLOW_LINKS)).isFalse();
        counter.close();
        assertThat(counter.count()).isEqualTo(2);
    }

    private static Path path(EventCounter counter) {
        return Path.of("/proc/self/fd", Integer.toString(counter.descriptor()));
    }

    /** As the kernel does. */
    private static void add(EventCounter counter, long events) {
        byte[] number = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.nativeOrder())
                .putLong(events)
                .array();
        Function write = Function.getFunction("c", "write");
        assertThat(write.invokeInt(new Object[] {counter.descriptor(), number, number.length}))
                .isEqualTo(number.length);
    }
}
