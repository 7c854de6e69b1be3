package io.paddock.platform.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JwtKeyTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);
    private final JwtKey key = JwtKey.of("a secret\n".getBytes(StandardCharsets.UTF_8));

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** As another implementation would make it. */
    private static String token(String secret, String header, String payload) throws Exception {
        String content = encode(header.getBytes(StandardCharsets.UTF_8)) + "."
                + encode(payload.getBytes(StandardCharsets.UTF_8));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return content + "." + encode(mac.doFinal(content.getBytes(StandardCharsets.US_ASCII)));
    }

    private Optional<Principal> verified(String payload) throws Exception {
        return key.verify(token("a secret", "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", payload), NOW);
    }

    @Test
    void theExampleOfTheRfcIsVerified() {
        JwtKey rfc = JwtKey.of(Base64.getUrlDecoder()
                .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"));
        String token =
                "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly"
                        + "9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

        assertThat(rfc.verify(token, Instant.ofEpochSecond(1_300_819_379))
                        .orElseThrow()
                        .claims())
                .containsEntry("iss", "joe")
                .containsEntry("http://example.com/is_root", "true");
        assertThat(rfc.verify(token, Instant.ofEpochSecond(1_300_819_380))).isEmpty();
    }

    @Test
    void whatItSignsItTakes() {
        String token = key.sign(Map.of("fid", "f", "eid", "e \"1\"", "cid", "c"));

        assertThat(key.verify(token, NOW))
                .contains(new Principal(
                        Optional.empty(), new TreeMap<>(Map.of("fid", "f", "eid", "e \"1\"", "cid", "c"))));
        assertThat(JwtKey.of(new byte[] {1}).verify(token, NOW)).isEmpty();
    }

    @Test
    void theSubjectIsThePrincipal() throws Exception {
        assertThat(verified("{\"sub\":\"ops\"}").orElseThrow().value()).contains("ops");
        assertThat(verified("{\"sub\":7}").orElseThrow().value()).isEmpty();
        assertThat(verified("{\"sub\":\"\"}").orElseThrow().value()).isEmpty();
    }

    @Test
    void tokensAreValidInTheirTimeOnly() throws Exception {
        assertThat(verified("{\"exp\":1700000001}")).isPresent();
        assertThat(verified("{\"exp\":1700000000}")).isEmpty();
        assertThat(verified("{\"exp\":\"1700000001\"}")).isEmpty();
        assertThat(verified("{\"nbf\":1700000000}")).isPresent();
        assertThat(verified("{\"nbf\":1700000001}")).isEmpty();
    }

    @Test
    void anotherKeyOrAlgorithmIsNotTaken() throws Exception {
        assertThat(key.verify(token("another", "{\"alg\":\"HS256\"}", "{\"sub\":\"ops\"}"), NOW))
                .isEmpty();
        assertThat(key.verify(token("a secret", "{\"alg\":\"none\"}", "{\"sub\":\"ops\"}"), NOW))
                .isEmpty();
        assertThat(key.verify(token("a secret", "{\"alg\":\"HS512\"}", "{\"sub\":\"ops\"}"), NOW))
                .isEmpty();
        assertThat(key.verify(token("a secret", "{}", "{\"sub\":\"ops\"}"), NOW))
                .isEmpty();
        assertThat(key.verify(token("a secret", "{\"alg\":\"HS256\"}", "[1]"), NOW))
                .isEmpty();
        String unsigned = encode("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8)) + "."
                + encode("{\"sub\":\"ops\"}".getBytes(StandardCharsets.UTF_8)) + ".";
        assertThat(key.verify(unsigned, NOW)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a.b", "a.b.c.d", "%.%.%", "e30.e30.e30"})
    void whatIsNoTokenIsNotTaken(String token) {
        assertThat(key.verify(token, NOW)).isEmpty();
    }

    @Test
    void anEmptyKeyIsRefused() {
        assertThatThrownBy(() -> JwtKey.of("\n".getBytes(StandardCharsets.UTF_8)))
                .hasMessage("the key is empty");
    }
}
