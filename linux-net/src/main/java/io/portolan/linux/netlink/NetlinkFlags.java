package io.portolan.linux.netlink;

/**
 * Flags of a netlink message header (linux/netlink.h). Several numbers mean different things by
 * kind of request.
 */
public final class NetlinkFlags {
  /** NLM_F_REQUEST; the socket adds it to what it sends. */
  public static final int REQUEST = 0x01;

  /** NLM_F_MULTI: one of several parts of an answer. */
  public static final int MULTI = 0x02;

  /** NLM_F_ACK: answer even if nothing went wrong. */
  public static final int ACK = 0x04;

  /** NLM_F_ECHO: also send the notification to the one who asked. */
  public static final int ECHO = 0x08;

  /** NLM_F_DUMP_INTR: what was dumped changed meanwhile. */
  public static final int DUMP_INTERRUPTED = 0x10;

  /** NLM_F_DUMP: all objects that match. */
  public static final int DUMP = 0x300;

  /** NLM_F_REPLACE: overwrite an existing object. */
  public static final int REPLACE = 0x100;

  /** NLM_F_EXCL: fail if the object exists. */
  public static final int EXCLUSIVE = 0x200;

  /** NLM_F_CREATE: create the object if it is absent. */
  public static final int CREATE = 0x400;

  /** NLM_F_APPEND: add at the end of a list. */
  public static final int APPEND = 0x800;

  /** NLM_F_NONREC of a delete request: not what hangs below. */
  public static final int NON_RECURSIVE = 0x100;

  /** NLM_F_CAPPED: an error that carries only the header of its request. */
  static final int CAPPED = 0x100;

  /** NLM_F_ACK_TLVS: an error that carries extended-acknowledgement attributes. */
  static final int ACK_ATTRIBUTES = 0x200;

  private NetlinkFlags() {}
}
