package io.portolan.common.net;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a server listens, as an administrator writes it: {@code 0.0.0.0:9461}, {@code [::1]:9461},
 * {@code :9461} for all addresses, port 0 for a free one.
 *
 * @param host name or address, an IPv6 address without brackets; empty for all addresses
 * @param port 0 to 65535
 */
public record ListenAddress(String host, int port) {
  /** An IPv6 address has colons of its own, so it needs brackets. */
  private static final Pattern TEXT = Pattern.compile("(\\[([^\\[\\]]+)]|[^:\\[\\]]*):(\\d{1,5})");

  private static final int MOST = 65_535;

  public ListenAddress {
    if (port < 0 || port > MOST) {
      throw new IllegalArgumentException("a port is 0 to " + MOST + ", not " + port);
    }
  }

  /**
   * @throws IllegalArgumentException if {@code text} is not HOST:PORT; the message says what is
   */
  public static ListenAddress parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > MOST) {
      throw new IllegalArgumentException(
          "'" + text + "' is not HOST:PORT such as 127.0.0.1:9461, [::1]:9461 or :9461");
    }
    String bracketed = matcher.group(2);
    return new ListenAddress(
        bracketed == null ? matcher.group(1) : bracketed, Integer.parseInt(matcher.group(3)));
  }

  /** For binding. A name is looked up now; one that is unknown stays unresolved. */
  public InetSocketAddress toSocketAddress() {
    return host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
  }

  /** As {@link #parse} takes it. */
  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
