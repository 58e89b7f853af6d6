package io.portolan.node.endpoint;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Names the host's end of a pod's link as Calico and the Amazon VPC CNI do, so that tools which
 * find a pod's interface by computing its name keep working: prefix and the first 11 hexadecimal
 * digits of SHA-1({@code namespace.pod}).
 *
 * <p>Interfaces after the first get {@code namespace.pod.ifname} hashed, containers that are no
 * pods {@code containerId.ifname}.
 */
public final class HostInterfaceName {
  private static final String FIRST_INTERFACE = "eth0";
  private static final int DIGITS = 11;

  /** Copied for each use: looking it up takes ten times as long as computing it. */
  private static final MessageDigest SHA_1 = sha1();

  private final String prefix;

  /**
   * @param prefix 1 to 4 characters, {@code eni} on AWS, {@code cali} elsewhere
   */
  public HostInterfaceName(String prefix) {
    if (prefix.isEmpty() || prefix.length() > 4 || !AttachmentId.isInterfaceName(prefix)) {
      throw new IllegalArgumentException(
          "the interface prefix must have 1 to 4 characters, not '" + prefix + "'");
    }
    this.prefix = prefix;
  }

  public String of(AttachmentId id, Optional<PodIdentity> pod) {
    if (pod.isPresent() && isFirst(id)) {
      return ofFirst(pod.get());
    }
    String owner = pod.map(p -> p.namespace() + "." + p.name()).orElse(id.containerId());
    return prefix + sha1(owner + "." + id.ifName()).substring(0, DIGITS);
  }

  /** The name for a pod's first interface. */
  public String ofFirst(PodIdentity pod) {
    return prefix + sha1(pod.namespace() + "." + pod.name()).substring(0, DIGITS);
  }

  /** Whether the attachment is a container's first interface. */
  public static boolean isFirst(AttachmentId id) {
    return id.ifName().equals(FIRST_INTERFACE);
  }

  /** Whether the interface is named as ours are. A hint for people; ownership is by link group. */
  public boolean matches(String interfaceName) {
    return interfaceName.startsWith(prefix) && interfaceName.length() == prefix.length() + DIGITS;
  }

  private static String sha1(String text) {
    try {
      MessageDigest digest = (MessageDigest) SHA_1.clone();
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (CloneNotSupportedException e) {
      throw new AssertionError("the platform's SHA-1 can be copied", e);
    }
  }

  private static MessageDigest sha1() {
    try {
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-1", e);
    }
  }
}
