/**
 * How many ENIs and addresses each instance type can hold: asked of EC2 and remembered, with a
 * generated table to fall back on.
 *
 * <p>The product reads numbers only through {@link io.portolan.aws.limits.InstanceTypeCatalog}; the
 * table is data, never code.
 */
@NullMarked
package io.portolan.aws.limits;

import org.jspecify.annotations.NullMarked;
