/** The suite's Kubernetes clients against the embedded API server. */
@NullMarked
package io.portolan.sim.kube.clients;

import org.jspecify.annotations.NullMarked;
