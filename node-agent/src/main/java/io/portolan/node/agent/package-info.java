/**
 * The node agent as a program: its parts, what it does when it starts, and how it hears from and
 * speaks to the API server.
 */
@NullMarked
package io.portolan.node.agent;

import org.jspecify.annotations.NullMarked;
