package io.portolan.policy.agent;

import io.portolan.policy.model.PodName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * How plugins name the host's end of a pod's link where policy is somebody else's: a prefix of
 * their own ({@code cali}, {@code eni}, {@code azv}, {@code gke}, {@code vlan}) and the first 11
 * digits of the SHA-1 of {@code namespace.name}. Calico's began it, and Amazon's, Azure's and
 * Google's follow, so that Calico can police their pods ({@code VethNameForWorkload} of
 * libcalico-go, {@code GeneratePodHostVethName} of amazon-vpc-cni-k8s).
 */
record PodLinkName(String digits) {
  private static final int DIGITS = 11;

  /** An interface name has 15 characters at most. */
  private static final int LONGEST_PREFIX = 4;

  static PodLinkName of(PodName pod) {
    byte[] hash =
        sha1().digest((pod.namespace() + "." + pod.name()).getBytes(StandardCharsets.UTF_8));
    return new PodLinkName(HexFormat.of().formatHex(hash).substring(0, DIGITS));
  }

  boolean isThatOf(String link) {
    int prefix = link.length() - DIGITS;
    return prefix > 0 && prefix <= LONGEST_PREFIX && link.endsWith(digits);
  }

  private static MessageDigest sha1() {
    try {
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
