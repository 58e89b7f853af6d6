package io.portolan.policy.model;

/** One end of a connection: who opened it, or whom it reaches behind any destination NAT. */
public enum End {
  SOURCE,
  DESTINATION;

  /** The end that is not the pod a policy in {@code direction} applies to. */
  public static End peer(Direction direction) {
    return switch (direction) {
      case EGRESS -> DESTINATION;
      case INGRESS -> SOURCE;
    };
  }
}
