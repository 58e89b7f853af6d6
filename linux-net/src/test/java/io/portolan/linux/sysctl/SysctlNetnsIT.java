package io.portolan.linux.sysctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portolan.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SysctlNetnsIT {
  private static final SysctlKey FORWARD = SysctlKey.of("ipv4", "ip_forward");

  @Test
  void settingsAreOfTheNamespaceTheyAreWrittenIn() {
    String before = Sysctl.read(FORWARD);
    String other = before.equals("1") ? "0" : "1";
    try (NetworkNamespace namespace = NetworkNamespace.anonymous()) {
      LinkedHashMap<SysctlKey, String> values = new LinkedHashMap<>();
      values.put(FORWARD, other);
      values.put(SysctlKey.ipv4("lo", "rp_filter"), "2");
      Sysctl.write(namespace, values);

      assertThat(Sysctl.read(namespace, FORWARD)).isEqualTo(other);
      assertThat(Sysctl.read(namespace, SysctlKey.ipv4("lo", "rp_filter"))).isEqualTo("2");
      assertThat(Sysctl.read(FORWARD)).isEqualTo(before);
    }
  }

  @Test
  void errorsNameTheSettingTheValueAndTheReason() {
    try (NetworkNamespace namespace = NetworkNamespace.anonymous()) {
      SysctlKey absent = SysctlKey.ipv4("eth0.100", "rp_filter");
      assertThatThrownBy(() -> Sysctl.write(namespace, absent, "0"))
          .isInstanceOfSatisfying(SysctlException.class, e -> assertThat(e.isMissing()).isTrue())
          .hasMessageStartingWith(
              "no setting net/ipv4/conf/eth0.100/rp_filter in this network namespace");
      assertThatThrownBy(() -> Sysctl.read(namespace, absent)).hasMessageContaining("eth0.100");
      assertThatThrownBy(() -> Sysctl.write(namespace, FORWARD, "maybe"))
          .isInstanceOfSatisfying(SysctlException.class, e -> assertThat(e.isMissing()).isFalse())
          .hasMessage("write net/ipv4/ip_forward = maybe: Invalid argument");
    }
  }

  @Test
  void namesThatLeaveTheTreeAreRefused() {
    assertThatThrownBy(() -> SysctlKey.of("..", "kernel", "core_pattern"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SysctlKey.of("ipv4/../../kernel"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SysctlKey.of()).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anotherMountMustHaveTheTree(@TempDir Path directory) throws IOException {
    assertThatThrownBy(() -> SysctlKey.root(directory))
        .hasMessage(directory + " is no mount of /proc/sys/net: it has no ipv4/ip_forward");
    Path link = Files.createSymbolicLink(directory.resolve("net"), Path.of("/proc/sys/net"));
    SysctlKey.root(link);
    try {
      assertThat(Sysctl.read(FORWARD)).isIn("0", "1");
    } finally {
      SysctlKey.root(Path.of("/proc/sys/net"));
    }
  }
}
