package io.paddock.master.core.snapshot;

import io.paddock.common.resources.Resources;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An offer that was not answered yet.
 *
 * @param role the role it is made to
 * @param resources allocated to that role
 * @param madeAt when it was sent
 * @param expiresAt when it will be rescinded; absent when offers do not expire
 */
public record OfferView(
        String id,
        String frameworkId,
        String agentId,
        String role,
        Resources resources,
        Instant madeAt,
        @Nullable Instant expiresAt) {}
