/**
 * Where seeded tests and simulations get their seed from, so that every failure can be replayed.
 */
@NullMarked
package io.portolan.sim.seed;

import org.jspecify.annotations.NullMarked;
