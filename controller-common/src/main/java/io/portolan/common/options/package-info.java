/**
 * Options that every program has, so that they are written, read and refused the same everywhere.
 *
 * <p>Beside the mains the only package that imports picocli.
 */
@NullMarked
package io.portolan.common.options;

import org.jspecify.annotations.NullMarked;
