/** What {@code portolan status} says of a cluster, from the objects that the API server lists. */
@NullMarked
package io.portolan.cli.status;

import org.jspecify.annotations.NullMarked;
