package io.portolan.policy.reports;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Headers as the kernel copies them, whole, cut off, and made by somebody who means harm. */
class LoggedFlowTest {
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final String ADDRESSES6 =
      "fd000000000000000000000000000001" + "fd000000000000000000000000000002";

  @Test
  void readsWhatIsThere() {
    assertThat(
            read(IPV4, "4500003c 1c464000 4006b1e6 0a000001 0a000002 9c40 0050 00000000 00000000"))
        .isEqualTo("10.0.0.1:40000 > 10.0.0.2:80 protocol 6 icmp -1/-1, 60 bytes");
    assertThat(read(IPV4, "46000040 00000000 40110000 0a000001 0a000002 01010101 0035 0036"))
        .as("with an option")
        .isEqualTo("10.0.0.1:53 > 10.0.0.2:54 protocol 17 icmp -1/-1, 64 bytes");
    assertThat(read(IPV4, "45000054 00000000 40010000 0a000001 0a000002 0800 1234"))
        .isEqualTo("10.0.0.1:-1 > 10.0.0.2:-1 protocol 1 icmp 8/0, 84 bytes");
    assertThat(read(IPV6, "60000000 0014 06 40" + ADDRESSES6 + "9c40 01bb"))
        .isEqualTo("fd00::1:40000 > fd00::2:443 protocol 6 icmp -1/-1, 60 bytes");
    assertThat(read(IPV6, "60000000 0008 3a 40" + ADDRESSES6 + "8000 0000"))
        .isEqualTo("fd00::1:-1 > fd00::2:-1 protocol 58 icmp 128/0, 48 bytes");
  }

  @Test
  void looksBehindExtensionHeaders() {
    String hopByHop = "2c00 010400000000";
    String fragment = "8400 0000 00000001";
    assertThat(read(IPV6, "60000000 0018 00 40" + ADDRESSES6 + hopByHop + fragment + "0001 0002"))
        .isEqualTo("fd00::1:1 > fd00::2:2 protocol 132 icmp -1/-1, 64 bytes");
    String later = "1100 0008 00000001";
    assertThat(read(IPV6, "60000000 0018 2c 40" + ADDRESSES6 + later + "0001 0002"))
        .as("a later fragment has no ports")
        .isEqualTo("fd00::1:-1 > fd00::2:-1 protocol 17 icmp -1/-1, 64 bytes");
    assertThat(read(IPV4, "4500003c 00002001 40110000 0a000001 0a000002 0001 0002"))
        .isEqualTo("10.0.0.1:-1 > 10.0.0.2:-1 protocol 17 icmp -1/-1, 60 bytes");
  }

  @Test
  void isContentWithLess() {
    assertThat(read(IPV4, "4500003c 00000000 40060000 0a000001 0a000002 9c40"))
        .isEqualTo("10.0.0.1:-1 > 10.0.0.2:-1 protocol 6 icmp -1/-1, 60 bytes");
    assertThat(read(IPV4, "4500003c 00000000 40060000 0a000001 0a0000")).isEqualTo("none");
    assertThat(read(IPV6, "60000000 0014 06 40 fd00")).isEqualTo("none");
    assertThat(read(0x0806, "4500003c 00000000 40060000 0a000001 0a000002")).isEqualTo("none");
    assertThat(read(IPV4, "")).isEqualTo("none");
  }

  @Test
  void nothingThatAPodSendsBreaksIt() {
    long seed = Long.getLong("portolan.seed", System.nanoTime());
    Random random = new Random(seed);
    int read = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = new byte[random.nextInt(129)];
      random.nextBytes(bytes);
      for (int at = 6; at < bytes.length && random.nextInt(3) > 0; at += 8) {
        // Many extension headers.
        bytes[at] = new byte[] {0, 43, 44, 51, 60, 58, 6}[random.nextInt(7)];
      }
      try {
        Optional<LoggedFlow> flow =
            LoggedFlow.read(random.nextBoolean() ? IPV4 : IPV6, ByteBuffer.wrap(bytes));
        read += flow.isPresent() ? 1 : 0;
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + HexFormat.of().formatHex(bytes), e);
      }
    }
    assertThat(read).isGreaterThan(100_000);
  }

  private static String read(int etherType, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    return LoggedFlow.read(etherType, ByteBuffer.wrap(bytes))
        .map(flow ->
            "%s:%d > %s:%d protocol %d icmp %d/%d, %d bytes"
                .formatted(
                    flow.source(),
                    flow.sourcePort(),
                    flow.destination(),
                    flow.port(),
                    flow.protocol(),
                    flow.icmpType(),
                    flow.icmpCode(),
                    flow.bytes()))
        .orElse("none");
  }
}
