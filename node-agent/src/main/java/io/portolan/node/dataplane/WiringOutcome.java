package io.portolan.node.dataplane;

/** What came of wiring an attachment. Whatever the failure, nothing is left behind. */
public sealed interface WiringOutcome {
  /**
   * The interface works.
   *
   * @param mtu MTU of both ends, in bytes
   */
  record Wired(int mtu) implements WiringOutcome {}

  /** The network namespace does not exist. */
  record NoNamespace(String path) implements WiringOutcome {}

  /** The path is no network namespace of a container. */
  record NotAContainer(String path, String reason) implements WiringOutcome {}

  /** The container has an interface of that name. */
  record InterfaceExists(String name) implements WiringOutcome {}

  /** The kernel refused. */
  record Refused(String reason) implements WiringOutcome {}
}
