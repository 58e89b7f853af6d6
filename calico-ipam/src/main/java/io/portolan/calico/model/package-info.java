/**
 * Calico's IPAM objects as records, the same for {@code projectcalico.org/v3} and {@code
 * crd.projectcalico.org/v1}.
 */
@NullMarked
package io.portolan.calico.model;

import org.jspecify.annotations.NullMarked;
