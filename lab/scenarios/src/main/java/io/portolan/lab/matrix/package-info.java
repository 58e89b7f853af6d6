/**
 * Who may talk to whom, and who could: the expectation is read from the policy objects by an
 * evaluator that shares nothing with the policy compiler, the observation comes from packets.
 *
 * <p>Pure.
 */
@NullMarked
package io.portolan.lab.matrix;

import org.jspecify.annotations.NullMarked;
