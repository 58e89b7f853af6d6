/**
 * Reads Calico's policy objects (projectcalico.org/v3) as policies of the general model. Nothing
 * here throws on what an object says: what is not understood allows nothing, and is named by its
 * field.
 */
@NullMarked
package io.portolan.policy.calico;

import org.jspecify.annotations.NullMarked;
