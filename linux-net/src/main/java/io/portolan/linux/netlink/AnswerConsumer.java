package io.portolan.linux.netlink;

/** Takes what the kernel answers to messages of a batch besides acknowledgements. */
@FunctionalInterface
public interface AnswerConsumer {
  /**
   * @param index of the message in its batch
   * @param answer valid only during the call
   */
  void accept(int index, NetlinkMessage answer);
}
