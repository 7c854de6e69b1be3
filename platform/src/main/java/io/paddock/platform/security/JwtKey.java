package io.paddock.platform.security;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs and verifies tokens: JSON Web Tokens (RFC 7519) with HS256, the only algorithm taken. A string claim {@code sub} is the
 * principal's name; a token without it has claims only. {@code exp} and {@code nbf} are kept to.
 */
public final class JwtKey {
    private static final String ALGORITHM = "HmacSHA256";
    private static final String HEADER = encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
    private static final int MAX_TOKEN_CHARS = 16 << 10;

    private final SecretKeySpec key;

    private JwtKey(byte[] secret) {
        this.key = new SecretKeySpec(secret, ALGORITHM);
    }

    /**
     * A key as its file holds it; a line end after it does not belong to it.
     *
     * @throws IllegalArgumentException when it is empty
     */
    public static JwtKey of(byte[] file) {
        int length = file.length;
        while (length > 0 && (file[length - 1] == '\n' || file[length - 1] == '\r')) {
            length--;
        }
        if (length == 0) {
            throw new IllegalArgumentException("the key is empty");
        }
        return new JwtKey(java.util.Arrays.copyOf(file, length));
    }

    /** A token that says just this and never ends. */
    public String sign(Map<String, String> claims) {
        String content = HEADER + "." + encode(new String(Json.bytes(new TreeMap<>(claims)), StandardCharsets.UTF_8));
        return content + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(mac(content));
    }

    /** What a token says; empty when it is malformed, signed with another key, not yet or no more valid. */
    public Optional<Principal> verify(String token, Instant now) {
        String[] parts = token.length() > MAX_TOKEN_CHARS ? new String[0] : token.split("\\.", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            byte[] signature = Base64.getUrlDecoder().decode(parts[2]);
            if (!MessageDigest.isEqual(signature, mac(parts[0] + "." + parts[1]))) {
                return Optional.empty();
            }
            JsonNode header = object(parts[0]);
            JsonNode payload = object(parts[1]);
            return header.path("alg").asText().equals("HS256") && isValid(payload, now)
                    ? Optional.of(principal(payload))
                    : Optional.empty();
        } catch (IllegalArgumentException | IOException e) {
            return Optional.empty();
        }
    }

    private static boolean isValid(JsonNode payload, Instant now) {
        double seconds = now.toEpochMilli() / 1000.0;
        JsonNode end = payload.path("exp");
        JsonNode start = payload.path("nbf");
        return payload.isObject()
                && (end.isMissingNode() || (end.isNumber() && seconds < end.doubleValue()))
                && (start.isMissingNode() || (start.isNumber() && seconds >= start.doubleValue()));
    }

    private static Principal principal(JsonNode payload) {
        TreeMap<String, String> claims = new TreeMap<>();
        payload.properties()
                .forEach(e -> claims.put(
                        e.getKey(),
                        e.getValue().isTextual()
                                ? e.getValue().textValue()
                                : e.getValue().toString()));
        JsonNode subject = payload.path("sub");
        return new Principal(
                Optional.of(subject.asText()).filter(name -> subject.isTextual() && !name.isEmpty()), claims);
    }

    private static JsonNode object(String part) throws IOException {
        return Json.mapper().readTree(Base64.getUrlDecoder().decode(part));
    }

    private byte[] mac(String content) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(content.getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    private static String encode(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
