package io.portolan.node.routing;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.route.AddressFamily;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.RouteTable;
import io.portolan.linux.route.Rule;
import io.portolan.node.endpoint.Ownership;
import io.portolan.node.ipam.Supply;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Numbers of the Amazon VPC CNI's data path, kept so that its tools and its users' habits fit.
 *
 * <pre>
 *    512  to pod       lookup main        a pod of this node, whichever interface it belongs to
 *   1024  fwmark 0x80  lookup main        replies to what came in by the primary interface
 *   1536  from pod     lookup eni table   everything else of pods on secondary interfaces
 *  32765  from eni     lookup eni table   the interface's own address, for answers to pings
 * </pre>
 */
public final class EniTables {
  public static final int TO_POD = 512;
  public static final int REPLY_BY_PRIMARY = 1024;
  public static final int FROM_POD = 1536;
  public static final int FROM_INTERFACE = 32765;
  public static final int MARK = 0x80;

  private EniTables() {}

  /**
   * The interface's table: {@code main} for the primary, device index + 1 on the first network
   * card, {@code 10000 + device index + 100 * card} on others.
   */
  public static int table(Supply.CloudInterface eni) {
    if (isPrimary(eni)) {
      return RouteTable.MAIN;
    }
    return eni.networkCard() == 0
        ? eni.deviceIndex() + 1
        : 10_000 + eni.deviceIndex() + 100 * eni.networkCard();
  }

  public static boolean isPrimary(Supply.CloudInterface eni) {
    return eni.deviceIndex() == 0 && eni.networkCard() == 0;
  }

  /** The rules of one pod address; none where the node has no cloud interfaces. */
  public static List<Rule> podRules(IpAddress address, Supply supply) {
    if (supply.interfaces().isEmpty()) {
      return List.of();
    }
    AddressFamily family = address.isIpv4() ? AddressFamily.INET : AddressFamily.INET6;
    IpPrefix pod = IpPrefix.of(address.toInetAddress());
    List<Rule> rules = new ArrayList<>();
    rules.add(ours(Rule.lookup(family, TO_POD, RouteTable.MAIN)).withTo(pod));
    Optional<Supply.CloudInterface> eni = supply.interfaceOf(address);
    if (eni.isPresent() && !isPrimary(eni.get())) {
      rules.add(ours(Rule.lookup(family, FROM_POD, table(eni.get()))).withFrom(pod));
    }
    return rules;
  }

  static Rule ours(Rule rule) {
    return rule.withProtocol(Ownership.PROTOCOL);
  }
}
