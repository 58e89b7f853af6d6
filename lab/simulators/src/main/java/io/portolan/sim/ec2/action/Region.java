package io.portolan.sim.ec2.action;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A region with three availability zones.
 *
 * @param name such as {@code eu-central-1}
 */
public record Region(String name) {
  private static final Pattern NAME = Pattern.compile("[a-z]{2}(-[a-z]+)+-[0-9]");

  public Region {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "region: '" + name + "' is not a region's name such as eu-central-1");
    }
  }

  /** A zone's name and the id that means the same zone in every account. */
  public record Zone(String name, String id) {}

  public List<Zone> zones() {
    return List.of(zone("a", 1), zone("b", 2), zone("c", 3));
  }

  public String zoneId(String zone) {
    return zones().stream()
        .filter(z -> z.name().equals(zone))
        .findFirst()
        .map(Zone::id)
        .orElseThrow(() -> new IllegalArgumentException(zone + " is not a zone of " + name));
  }

  /** The private DNS name EC2 gives an address. */
  public String dnsName(Object address) {
    String host = "ip-" + address.toString().replace('.', '-');
    return host + (name.equals("us-east-1") ? ".ec2.internal" : "." + name + ".compute.internal");
  }

  private Zone zone(String letter, int number) {
    return new Zone(name + letter, code() + "-az" + number);
  }

  /** {@code euc1} of {@code eu-central-1}, {@code apse2} of {@code ap-southeast-2}. */
  private String code() {
    return name.replace("north", "n")
        .replace("south", "s")
        .replace("east", "e")
        .replace("west", "w")
        .replace("central", "c")
        .replace("-", "");
  }
}
