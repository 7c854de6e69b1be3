package io.paddock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DetachKeysTest {
    /** P and Q stand for the two keys, | for the end of one read. */
    @ParameterizedTest
    @CsvSource({
        "abc,abc,false",
        "aPQ,a,true",
        "aP|Qb,a,true",
        "PaQ,PaQ,false",
        "P|P|x,PPx,false",
        "PPxPQ,PPx,true",
        "Q,Q,false",
    })
    void onlyBothKeysOneAfterTheOtherLeave(String typed, String passed, boolean pressed) {
        DetachKeys keys = new DetachKeys(true);
        StringBuilder got = new StringBuilder();
        for (String read : typed.split("[|]")) {
            byte[] bytes = read.replace('P', '\20').replace('Q', '\21').getBytes(StandardCharsets.US_ASCII);
            got.append(new String(keys.filter(bytes, bytes.length), StandardCharsets.US_ASCII));
        }
        assertThat(got.toString().replace('\20', 'P').replace('\21', 'Q')).isEqualTo(passed);
        assertThat(keys.pressed()).isEqualTo(pressed);
    }

    @Test
    void elsewhereTheyAreKeysLikeOthers() {
        byte[] both = {0x10, 0x11};
        assertThat(new DetachKeys(false).filter(both, 2)).isEqualTo(both);
    }
}
