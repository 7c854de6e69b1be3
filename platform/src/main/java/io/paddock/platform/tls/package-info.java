/**
 * TLS from PEM files: what a server presents and demands, what a client trusts and shows, for as long as the files change.
 *
 * <p>Knows neither HTTP nor ZooKeeper. Private keys are never printed and never written elsewhere. Any thread.
 */
@NullMarked
package io.paddock.platform.tls;

import org.jspecify.annotations.NullMarked;
