package io.portolan.linux.route;

/** What a {@link NetworkMonitor} saw. */
public sealed interface NetworkEvent {
  /**
   * A link is new or has changed.
   *
   * @param link as it is now
   */
  record LinkChanged(Link link) implements NetworkEvent {}

  /**
   * A link has gone, or has moved to another namespace.
   *
   * @param link as it was
   */
  record LinkRemoved(Link link) implements NetworkEvent {}

  /**
   * An object is new or has changed.
   *
   * @param object as it is now
   */
  record Changed(NetworkObject object) implements NetworkEvent {}

  /**
   * An object has gone. The kernel does not report the routes that go with a link that is lowered
   * or deleted.
   *
   * @param object as it was
   */
  record Removed(NetworkObject object) implements NetworkEvent {}

  /** Events were lost or not understood: read everything anew. */
  record Resync() implements NetworkEvent {}
}
