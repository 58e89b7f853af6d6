/** The limits table and the catalog over it. */
@NullMarked
package io.portolan.aws.limits;

import org.jspecify.annotations.NullMarked;
