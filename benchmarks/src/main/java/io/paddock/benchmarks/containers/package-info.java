/** Those who are compared by {@link io.paddock.benchmarks.ContainerBenchmark}: ways to launch and destroy a container. */
@NullMarked
package io.paddock.benchmarks.containers;

import org.jspecify.annotations.NullMarked;
