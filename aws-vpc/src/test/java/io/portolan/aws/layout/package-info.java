/** Subnet and tag decisions as text. */
@NullMarked
package io.portolan.aws.layout;

import org.jspecify.annotations.NullMarked;
