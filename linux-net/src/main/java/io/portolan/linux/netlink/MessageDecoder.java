package io.portolan.linux.netlink;

import java.util.function.Consumer;

/**
 * Turns a received message into values. Called while the message is in the receive buffer: keep
 * values, not the message.
 *
 * @param <T> what is found in messages
 */
@FunctionalInterface
public interface MessageDecoder<T> {
  /** Gives {@code found} each value in {@code message}: none, one or several. */
  void decode(NetlinkMessage message, Consumer<T> found);
}
