/**
 * The public API of the suite: the custom resources of group {@code portolan.io/v1alpha1}.
 *
 * <p>Records and enums that Jackson reads and writes; the CRD YAML under {@code deploy/crds} is
 * generated from them. Text stays text here (an address is a {@code String}), because this is the
 * wire form; the readers of a resource turn it into the vocabulary of {@code
 * io.portolan.common.net} at once.
 */
@NullMarked
package io.portolan.common.api.v1alpha1;

import org.jspecify.annotations.NullMarked;
