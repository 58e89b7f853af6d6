/**
 * Who may talk to whom, and who could: the expectation is read from the policy objects by {@link
 * io.portolan.sim.policy.PolicyText}, the observation comes from packets.
 *
 * <p>Pure.
 */
@NullMarked
package io.portolan.lab.matrix;

import org.jspecify.annotations.NullMarked;
