/** Tests of the embedded API server; the contract also runs against a real one. */
@NullMarked
package io.portolan.sim.kube;

import org.jspecify.annotations.NullMarked;
