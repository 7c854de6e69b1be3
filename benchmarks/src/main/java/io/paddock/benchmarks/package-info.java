/**
 * What is measured, so that anyone can measure it again: programs with a {@code main} and JMH benchmarks. May start every
 * component and library; nothing depends on it, and it is not part of the tests.
 */
@NullMarked
package io.paddock.benchmarks;

import org.jspecify.annotations.NullMarked;
