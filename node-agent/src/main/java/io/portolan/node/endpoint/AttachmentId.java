package io.portolan.node.endpoint;

import java.util.Comparator;
import java.util.regex.Pattern;

/**
 * The key of an attachment: CNI specification 1.1, section 3, plus the network, so that one
 * container may be on several networks under the same interface name of each.
 *
 * @param network name of the CNI network
 * @param containerId the runtime's name of the container (of the pod sandbox)
 * @param ifName name of the interface inside the container
 */
public record AttachmentId(String network, String containerId, String ifName)
    implements Comparable<AttachmentId> {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");
  private static final Comparator<AttachmentId> ORDER =
      Comparator.comparing(AttachmentId::network)
          .thenComparing(AttachmentId::containerId)
          .thenComparing(AttachmentId::ifName);

  /** Far above what runtimes use (64 hexadecimal digits), far below what could hurt. */
  public static final int MAX_NAME_LENGTH = 512;

  public AttachmentId {
    if (!isName(network)) {
      throw new IllegalArgumentException("network '" + network + "' is not a CNI network name");
    }
    if (!isName(containerId)) {
      throw new IllegalArgumentException("containerId '" + containerId + "' is not a CNI name");
    }
    if (!isInterfaceName(ifName)) {
      throw new IllegalArgumentException("ifName '" + ifName + "' is not an interface name");
    }
  }

  /** Whether {@code text} may name a network or a container. */
  public static boolean isName(String text) {
    return text.length() <= MAX_NAME_LENGTH && NAME.matcher(text).matches();
  }

  /** Whether the kernel accepts {@code text} as a name of an interface (dev_valid_name). */
  public static boolean isInterfaceName(String text) {
    return !text.isEmpty()
        && text.length() <= 15
        && !text.equals(".")
        && !text.equals("..")
        && text.chars().noneMatch(c -> c == '/' || c == ':' || c <= ' ' || c > '~');
  }

  @Override
  public int compareTo(AttachmentId other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return network + "/" + containerId + "/" + ifName;
  }
}
