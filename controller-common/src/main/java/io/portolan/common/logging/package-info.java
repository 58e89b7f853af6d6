/**
 * How programs log: one line per event on standard error, as JSON or as text, set up in code.
 *
 * <p>The only package that imports Logback; everything else logs through SLF4J. Libraries log
 * warnings only, so that no header or token of theirs ends up in a log.
 */
@NullMarked
package io.portolan.common.logging;

import org.jspecify.annotations.NullMarked;
