/**
 * The figures of {@code docs/benchmarks.md}: the real CNI path beside the standard {@code ptp} and
 * {@code host-local} plugins in the same run, the agent's memory and start, and what other modules
 * measure by programs of their own.
 */
@NullMarked
package io.portolan.lab.bench;

import org.jspecify.annotations.NullMarked;
