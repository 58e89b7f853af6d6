/**
 * The write-ahead log of attachments: which addresses are held by whom and which rest, across any
 * death of the agent.
 *
 * <p>Knows files and bytes; what the records mean is {@code io.portolan.node.ipam}'s business.
 */
@NullMarked
package io.portolan.node.journal;

import org.jspecify.annotations.NullMarked;
