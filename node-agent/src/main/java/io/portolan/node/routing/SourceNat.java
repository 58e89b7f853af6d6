package io.portolan.node.routing;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.linux.nft.CtField;
import io.portolan.linux.nft.CtState;
import io.portolan.linux.nft.FibField;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftHook;
import io.portolan.linux.nft.NftInterval;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.PayloadField;
import io.portolan.node.ipam.Supply;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The table {@code ip portolan-nat}: pods appear with the node's address to destinations that the
 * network under the node does not route natively. The node's address is the primary interface's,
 * and the cloud drops it on any other: such connections leave by the primary interface, wherever
 * the pod's own address belongs. What came to the node by that interface is answered by it as well.
 *
 * <pre>
 *   postrouting  ip saddr @pods ip daddr != @native fib daddr type != local
 *                snat to NODE fully-random
 *   prerouting   iifname PRIMARY fib daddr type local     ct mark |= 0x80    (NodePort traffic)
 *   steering     iifname "eni*" ct state new ip saddr @pods ip daddr != @native
 *                fib daddr type != local                  ct mark |= 0x80    (to be translated)
 *                iifname "eni*" ct mark & 0x80 == 0x80    meta mark |= 0x80  (rule 1024: main)
 * </pre>
 *
 * Steering comes after destination translation, so that a Service's endpoint inside the VPC counts,
 * not the Service's address; and only what a pod begins is marked: answers to outsiders who came in
 * by a secondary interface go back by it, untranslated.
 *
 * <p>The whole table is replaced in one transaction whenever an input changes, which is rare;
 * translations of established connections are the kernel's and outlive that.
 */
public final class SourceNat {
  public static final NftTable TABLE =
      NftTable.of(NftFamily.IP, "portolan-nat").comment("owned by portolan-agent");

  private static final int LOCAL = 2;
  private static final int SOURCE_NAT_PRIORITY = 100;
  private static final int MANGLE_PRIORITY = -150;
  private static final int AFTER_DESTINATION_NAT = -90;

  private static final NftStatement FROM_PODS =
      new NftStatement.Lookup(List.of(PayloadField.IP_SADDR), "pods", false);
  private static final NftStatement NOT_NATIVE =
      new NftStatement.Lookup(List.of(PayloadField.IP_DADDR), "native", true);
  private static final NftStatement NOT_LOCAL =
      new NftStatement.Compare(
          FibField.DADDR_TYPE,
          Optional.empty(),
          NftValue.number(NftType.FIB_ADDRTYPE, LOCAL),
          true);

  private SourceNat() {}

  /**
   * @param primaryDevice name of the primary interface's device
   * @param outgoing whether destinations outside are to see the node's address; without it the
   *     table only steers answers
   * @param exclusions further destinations that see the pod's own address
   * @return empty where the supply does not say what the node's address is
   */
  public static Optional<NftTransaction> table(
      Supply supply,
      Optional<String> primaryDevice,
      String podPrefix,
      boolean outgoing,
      List<Cidr> exclusions) {
    Optional<IpAddress> node =
        supply.interfaces().stream()
            .filter(EniTables::isPrimary)
            .flatMap(eni -> eni.primaryAddress().stream())
            .filter(IpAddress::isIpv4)
            .findFirst();
    if (node.isEmpty()) {
      return Optional.empty();
    }
    List<Cidr> blocks = new ArrayList<>(supply.nodeCidrs());
    supply.interfaces().forEach(eni -> blocks.addAll(eni.blocks()));
    // With an empty set no pod's packet is translated, nor steered to where it would be.
    if (!outgoing) {
      blocks.clear();
    }
    List<Cidr> natives = new ArrayList<>(supply.vpcCidrs());
    natives.addAll(exclusions);
    NftSet pods = NftSet.of("pods", NftType.IPV4_ADDR).interval();
    NftSet nativeSet = NftSet.of("native", NftType.IPV4_ADDR).interval();
    NftTransaction.Builder transaction =
        NftTransaction.on(TABLE)
            .destroyTable()
            .addTable()
            .addSet(pods)
            .addElements(pods, elements(blocks))
            .addSet(nativeSet)
            .addElements(nativeSet, elements(natives))
            .addChain(
                NftChain.base(
                    "postrouting",
                    NftChain.Type.NAT,
                    NftHook.POSTROUTING,
                    SOURCE_NAT_PRIORITY,
                    NftChain.Policy.ACCEPT))
            .addRule(
                "postrouting",
                FROM_PODS,
                NOT_NATIVE,
                NOT_LOCAL,
                new NftStatement.SourceNat(
                    NftValue.address(node.get().bytes()), NftStatement.NatPorts.FULLY_RANDOM));
    primaryDevice.ifPresent(device -> replies(transaction, device, podPrefix));
    return Optional.of(transaction.build());
  }

  private static void replies(
      NftTransaction.Builder transaction, String primaryDevice, String podPrefix) {
    NftValue mark = NftValue.mark(EniTables.MARK);
    transaction
        .addChain(
            NftChain.base(
                "prerouting",
                NftChain.Type.FILTER,
                NftHook.PREROUTING,
                MANGLE_PRIORITY,
                NftChain.Policy.ACCEPT))
        .addRule(
            "prerouting",
            new NftStatement.Compare(
                MetaField.IIFNAME, Optional.empty(), NftValue.ifname(primaryDevice), false),
            new NftStatement.Compare(
                FibField.DADDR_TYPE,
                Optional.empty(),
                NftValue.number(NftType.FIB_ADDRTYPE, LOCAL),
                false),
            new NftStatement.SetMark(NftStatement.Mark.CT, EniTables.MARK, EniTables.MARK))
        .addChain(
            NftChain.base(
                "steering",
                NftChain.Type.FILTER,
                NftHook.PREROUTING,
                AFTER_DESTINATION_NAT,
                NftChain.Policy.ACCEPT))
        .addRule(
            "steering",
            new NftStatement.NameStartsWith(MetaField.IIFNAME, podPrefix, false),
            NftStatement.ctState(CtState.NEW),
            FROM_PODS,
            NOT_NATIVE,
            NOT_LOCAL,
            new NftStatement.SetMark(NftStatement.Mark.CT, EniTables.MARK, EniTables.MARK))
        .addRule(
            "steering",
            new NftStatement.NameStartsWith(MetaField.IIFNAME, podPrefix, false),
            new NftStatement.Compare(CtField.MARK, Optional.of(mark), mark, false),
            new NftStatement.SetMark(NftStatement.Mark.META, EniTables.MARK, EniTables.MARK));
  }

  /** Blocks that touch or overlap are joined: an interval set refuses overlaps. */
  private static List<NftElement> elements(Collection<Cidr> blocks) {
    return Cidr.merge(blocks.stream().filter(c -> c.family() == IpFamily.IPV4).toList()).stream()
        .map(cidr ->
            NftElement.of(
                cidr.isSingleAddress()
                    ? NftValue.address(cidr.network().bytes())
                    : NftInterval.prefix(
                        NftValue.address(cidr.network().bytes()), cidr.prefixLength())))
        .toList();
  }
}
