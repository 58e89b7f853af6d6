/**
 * Reads what {@code log group N} rules copy: packets, or the beginnings of them, with the prefix
 * the rule gave.
 *
 * <p>Numbers are those of linux/netfilter/nfnetlink_log.h. A group has one reader in a namespace.
 */
@NullMarked
package io.portolan.linux.nflog;

import org.jspecify.annotations.NullMarked;
