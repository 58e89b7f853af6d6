/**
 * How commands outside reach a running lab: its directory, and a Unix socket in it.
 *
 * <p>The lab lives in namespaces that nobody else can enter, so what happens inside is asked for
 * through the socket (mode 0600, in a directory of mode 0700).
 */
@NullMarked
package io.portolan.lab.control;

import org.jspecify.annotations.NullMarked;
