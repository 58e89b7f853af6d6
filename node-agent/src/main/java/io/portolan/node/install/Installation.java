package io.portolan.node.install;

/**
 * Whose the files in a node's CNI directories are: the DaemonSet that the agent belongs to.
 *
 * @param namespace of the DaemonSet
 * @param daemonSet its name
 */
public record Installation(String namespace, String daemonSet) {
  /**
   * Reads {@code NAMESPACE/NAME}.
   *
   * @throws IllegalArgumentException if it is not of that form
   */
  public static Installation parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length != 2 || parts[0].isBlank() || parts[1].isBlank()) {
      throw new IllegalArgumentException("'" + text + "' is not NAMESPACE/NAME of a DaemonSet");
    }
    return new Installation(parts[0], parts[1]);
  }

  @Override
  public String toString() {
    return namespace + "/" + daemonSet;
  }
}
