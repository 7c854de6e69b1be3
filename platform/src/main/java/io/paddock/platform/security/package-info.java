/**
 * Who calls and what may be called: credentials, tokens, rules and limits, read from files that are watched while the server
 * runs.
 *
 * <p>Never decides about a cluster's objects: that is asked of {@code io.paddock.common.authorization.Acls} by those who know
 * them. Secrets are never printed. Any thread; nothing blocks but the thread that reads files.
 */
@NullMarked
package io.paddock.platform.security;

import org.jspecify.annotations.NullMarked;
