/**
 * What the embedded API server knows about the shape of objects: which lists are maps or sets, and
 * the structural schemas of custom resources.
 *
 * <p>Pure. CEL rules ({@code x-kubernetes-validations}) are not evaluated; a real API server does.
 */
@NullMarked
package io.portolan.sim.kube.schema;

import org.jspecify.annotations.NullMarked;
