/**
 * What can go wrong between a client and a simulated cloud, as data: drawn from a seed, replaceable
 * while the simulator runs, the same for every cloud.
 */
@NullMarked
package io.portolan.sim.fault;

import org.jspecify.annotations.NullMarked;
