/** The node agent's main class. */
@NullMarked
package io.portolan.node;

import org.jspecify.annotations.NullMarked;
