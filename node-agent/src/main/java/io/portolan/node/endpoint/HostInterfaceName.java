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
    String name =
        pod.map(p ->
                p.namespace()
                    + "."
                    + p.name()
                    + (id.ifName().equals(FIRST_INTERFACE) ? "" : "." + id.ifName()))
            .orElse(id.containerId() + "." + id.ifName());
    return prefix + sha1(name).substring(0, DIGITS);
  }

  /** Whether the interface is named as ours are. A hint for people; ownership is by link group. */
  public boolean matches(String interfaceName) {
    return interfaceName.startsWith(prefix) && interfaceName.length() == prefix.length() + DIGITS;
  }

  private static String sha1(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-1", e);
    }
  }
}
