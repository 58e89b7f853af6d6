package io.portolan.calico.routing;

import io.portolan.common.net.IpFamily;
import io.portolan.common.net.MacAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The MAC address of a node's VXLAN device, which every node computes for every other: 0x66 and the
 * first five bytes of the SHA-1 of the node's name, for IPv6 of the name with {@code -v6} behind it
 * (Calico, {@code felix/calc/vxlan_resolver.go}).
 */
final class VxlanMac {
  private static final int BYTES = 6;

  private VxlanMac() {}

  static MacAddress of(String node, IpFamily family) {
    String text = family == IpFamily.IPV4 ? node : node + "-v6";
    byte[] mac = new byte[BYTES];
    mac[0] = 0x66;
    System.arraycopy(sha1(text), 0, mac, 1, BYTES - 1);
    return MacAddress.of(mac);
  }

  private static byte[] sha1(String text) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
