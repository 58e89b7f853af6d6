/**
 * Time as the simulators see it: one clock and one agenda, either real or advanced by a test.
 *
 * <p>Nothing in a simulator reads a clock or sleeps but through {@link
 * io.portolan.sim.time.SimTime}.
 */
@NullMarked
package io.portolan.sim.time;

import org.jspecify.annotations.NullMarked;
