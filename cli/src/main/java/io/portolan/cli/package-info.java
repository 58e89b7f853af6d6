/** The {@code portolan} command. Parses arguments and prints; what it does lives elsewhere. */
@NullMarked
package io.portolan.cli;

import org.jspecify.annotations.NullMarked;
