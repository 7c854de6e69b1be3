package io.paddock.batch.core;

import java.time.Duration;

/**
 * What an operator can set.
 *
 * @param historyCount how many successful, and how many failed, runs of a job are remembered
 * @param declineFor for how long unused offers are refused while runs wait
 */
public record BatchSettings(int historyCount, Duration declineFor) {}
