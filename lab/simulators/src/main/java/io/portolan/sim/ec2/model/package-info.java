/**
 * What exists in a simulated EC2 account, as immutable values, and the rules that need nothing
 * else: how addresses are taken from a subnet, how many an interface may hold, what time does to a
 * detachment.
 *
 * <p>Pure: no clock, no randomness but by parameter, no I/O. The API operations on these values are
 * in {@code action}.
 */
@NullMarked
package io.portolan.sim.ec2.model;

import org.jspecify.annotations.NullMarked;
