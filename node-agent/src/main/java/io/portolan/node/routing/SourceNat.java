package io.portolan.node.routing;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.linux.nft.CtField;
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
 * network under the node does not route natively, and what came to the node by its primary
 * interface is answered by it.
 *
 * <pre>
 *   postrouting  ip saddr @pods ip daddr != @native fib daddr type != local
 *                snat to NODE fully-random
 *   prerouting   iifname PRIMARY fib daddr type local     ct mark |= 0x80    (NodePort traffic)
 *                iifname "eni*" ct mark & 0x80 == 0x80    meta mark |= 0x80  (rule 1024: main)
 * </pre>
 *
 * The whole table is replaced in one transaction whenever an input changes, which is rare;
 * translations of established connections are the kernel's and outlive that.
 */
public final class SourceNat {
  public static final NftTable TABLE =
      NftTable.of(NftFamily.IP, "portolan-nat").comment("owned by portolan-agent");

  private static final int LOCAL = 2;
  private static final int SOURCE_NAT_PRIORITY = 100;
  private static final int MANGLE_PRIORITY = -150;

  private SourceNat() {}

  /**
   * @param primaryDevice name of the primary interface's device
   * @param exclusions further destinations that see the pod's own address
   * @return empty where the supply does not say what the node's address is
   */
  public static Optional<NftTransaction> table(
      Supply supply, Optional<String> primaryDevice, String podPrefix, List<Cidr> exclusions) {
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
                new NftStatement.Lookup(List.of(PayloadField.IP_SADDR), "pods", false),
                new NftStatement.Lookup(List.of(PayloadField.IP_DADDR), "native", true),
                new NftStatement.Compare(
                    FibField.DADDR_TYPE,
                    Optional.empty(),
                    NftValue.number(NftType.FIB_ADDRTYPE, LOCAL),
                    true),
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
        .addRule(
            "prerouting",
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
