/**
 * What the programs tell about themselves: meters in Prometheus form, and whether they are alive
 * and ready.
 *
 * <p>The only package that imports Micrometer. Planners never touch it; loops and executors measure
 * around them.
 */
@NullMarked
package io.portolan.common.metrics;

import org.jspecify.annotations.NullMarked;
