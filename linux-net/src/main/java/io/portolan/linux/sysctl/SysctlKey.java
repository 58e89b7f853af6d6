package io.portolan.linux.sysctl;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The name of a setting below {@code net}, in segments: interface names may hold dots, which the
 * dotted notation of sysctl(8) cannot tell from its own.
 *
 * @param segments such as {@code ipv4, conf, eth0.100, rp_filter}
 */
public record SysctlKey(List<String> segments) {
  private static final Path ROOT = Path.of("/proc/sys/net");

  /**
   * Where the settings are found. One for the process: wherever the tree is mounted, the kernel
   * shows the calling thread's namespace in it.
   */
  private static volatile Path root = ROOT;

  /**
   * @throws IllegalArgumentException if a segment is empty, {@code .}, {@code ..}, or holds a slash
   *     or a zero character
   */
  public SysctlKey {
    segments = List.copyOf(segments);
    if (segments.isEmpty()) {
      throw new IllegalArgumentException(
          "segments is empty: name a setting, such as ipv4, ip_forward");
    }
    for (String segment : segments) {
      if (segment.isEmpty()
          || segment.equals(".")
          || segment.equals("..")
          || segment.indexOf('/') >= 0
          || segment.indexOf('\0') >= 0) {
        throw new IllegalArgumentException(
            "segments "
                + segments
                + ": '"
                + segment
                + "' is no name; write one segment for each directory");
      }
    }
  }

  /**
   * Has all settings read and written below another mount of /proc/sys/net, from now on. In
   * containers the usual one is read-only, whatever capabilities they have.
   *
   * @throws IllegalArgumentException if there is no such tree
   */
  public static void root(Path directory) {
    if (!Files.exists(directory.resolve("ipv4/ip_forward"))) {
      throw new IllegalArgumentException(
          directory + " is no mount of " + ROOT + ": it has no ipv4/ip_forward");
    }
    root = directory;
  }

  public static SysctlKey of(String... segments) {
    return new SysctlKey(List.of(segments));
  }

  /** A setting of one interface over IPv4; {@code all} and {@code default} are names too. */
  public static SysctlKey ipv4(String link, String setting) {
    return of("ipv4", "conf", link, setting);
  }

  /** A setting of one interface over IPv6; {@code all} and {@code default} are names too. */
  public static SysctlKey ipv6(String link, String setting) {
    return of("ipv6", "conf", link, setting);
  }

  Path path() {
    Path path = root;
    for (String segment : segments) {
      path = path.resolve(segment);
    }
    return path;
  }

  /** As sysctl(8) writes names with dots in them: {@code net/ipv4/conf/eth0.100/rp_filter}. */
  @Override
  public String toString() {
    return "net/" + String.join("/", segments);
  }
}
