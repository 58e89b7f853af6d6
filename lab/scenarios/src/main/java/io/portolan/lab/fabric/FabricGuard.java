package io.portolan.lab.fabric;

import static io.portolan.linux.nft.NftStatement.accept;
import static io.portolan.linux.nft.NftStatement.counter;
import static io.portolan.linux.nft.NftStatement.drop;
import static io.portolan.linux.nft.NftStatement.equal;
import static io.portolan.linux.nft.NftStatement.lookup;
import static io.portolan.linux.nft.NftStatement.notIn;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.lab.fabric.FabricState.Source;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftHook;
import io.portolan.linux.nft.NftInterval;
import io.portolan.linux.nft.NftKeyPart;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.PayloadField;
import java.util.List;

/**
 * The fabric's packet filter, as data: a packet that comes up a cable carries a source the cloud
 * has assigned to it (source/destination check), and only a machine's own address leaves for the
 * world.
 *
 * <p>The destination half of the check needs no rule: there is a route down a cable only for what
 * is assigned to it.
 */
final class FabricGuard {
  /** The cable to the world outside the VPC. */
  static final String GATEWAY_DEVICE = "igw0";

  private static final NftTable TABLE =
      NftTable.of(NftFamily.IP, "fabric").comment("what a VPC drops");
  private static final NftSet SOURCES =
      NftSet.of("sources", NftType.IFNAME, NftType.IPV4_ADDR).interval().comment("source check");
  private static final NftSet UNCHECKED =
      NftSet.of("unchecked", NftType.IFNAME).comment("SourceDestCheck is off");
  private static final NftSet PUBLIC =
      NftSet.of("public", NftType.IPV4_ADDR).comment("addresses the internet gateway knows");

  private FabricGuard() {}

  /** The filter before the first cable. */
  static NftTransaction skeleton() {
    return NftTransaction.on(TABLE)
        .addTable()
        .addSet(SOURCES)
        .addSet(UNCHECKED)
        .addSet(PUBLIC)
        .addChain(
            NftChain.base(
                "prerouting",
                NftChain.Type.FILTER,
                NftHook.PREROUTING,
                -300,
                NftChain.Policy.ACCEPT))
        .addRule("prerouting", equal(MetaField.IIFNAME, NftValue.ifname("lo")), accept())
        .addRule("prerouting", equal(MetaField.IIFNAME, NftValue.ifname(GATEWAY_DEVICE)), accept())
        .addRule("prerouting", lookup("unchecked", MetaField.IIFNAME), accept())
        .addRule(
            "prerouting", lookup("sources", MetaField.IIFNAME, PayloadField.IP_SADDR), accept())
        .addRule("prerouting", NftRule.of(counter(), drop()).comment("spoofed source"))
        .addChain(
            NftChain.base(
                "forward", NftChain.Type.FILTER, NftHook.FORWARD, 0, NftChain.Policy.ACCEPT))
        .addRule(
            "forward",
            NftRule.of(
                    equal(MetaField.OIFNAME, NftValue.ifname(GATEWAY_DEVICE)),
                    notIn("public", PayloadField.IP_SADDR),
                    counter(),
                    drop())
                .comment("no public address"))
        .build();
  }

  static NftTransaction allow(Source source) {
    return NftTransaction.on(TABLE).addElements(SOURCES, element(source)).build();
  }

  static NftTransaction refuse(Source source) {
    return NftTransaction.on(TABLE).deleteElements(SOURCES, List.of(element(source))).build();
  }

  static NftTransaction trust(String device) {
    return NftTransaction.on(TABLE)
        .addElements(UNCHECKED, NftElement.of(NftValue.ifname(device)))
        .build();
  }

  static NftTransaction distrust(String device) {
    return NftTransaction.on(TABLE)
        .deleteElements(UNCHECKED, List.of(NftElement.of(NftValue.ifname(device))))
        .build();
  }

  /** Lets an address leave for the world, as an address with a public counterpart does. */
  static NftTransaction publish(IpAddress address) {
    return NftTransaction.on(TABLE)
        .addElements(PUBLIC, NftElement.of(NftValue.address(address.toInetAddress())))
        .build();
  }

  private static NftElement element(Source source) {
    Cidr block = source.block();
    NftValue network = NftValue.address(block.network().toInetAddress());
    NftKeyPart part =
        block.isSingleAddress() ? network : NftInterval.prefix(network, block.prefixLength());
    return NftElement.of(NftValue.ifname(source.device()), part);
  }
}
