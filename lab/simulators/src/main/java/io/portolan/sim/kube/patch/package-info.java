/**
 * The four ways a Kubernetes object is patched, as functions from objects to objects: JSON merge
 * patch, JSON patch, strategic merge patch and server-side apply with field ownership.
 *
 * <p>Pure. Nothing here stores anything; arguments are never modified.
 */
@NullMarked
package io.portolan.sim.kube.patch;

import org.jspecify.annotations.NullMarked;
