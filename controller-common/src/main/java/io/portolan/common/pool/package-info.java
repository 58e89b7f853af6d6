/**
 * How many addresses a node should hold, and the steps from what it holds to that: the planner of
 * every cloud.
 *
 * <p>Pure: state and time in, plan out. What must be remembered between plans is a value that goes
 * in with the state and comes out with the plan ({@link io.portolan.common.pool.PoolMemory}).
 * Clouds differ by data, not by subclass.
 */
@NullMarked
package io.portolan.common.pool;

import org.jspecify.annotations.NullMarked;
