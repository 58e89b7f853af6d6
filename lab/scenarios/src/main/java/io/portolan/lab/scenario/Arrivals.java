package io.portolan.lab.scenario;

import io.portolan.common.net.Cidr;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftCounter;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftHook;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.PayloadField;
import io.portolan.linux.nft.kernel.KernelNftTables;

/**
 * Counts how packets of pods arrive at a machine's {@code eth0}: in VXLAN, or as they are. In a
 * table of its own, which nothing of the machine knows.
 */
final class Arrivals implements AutoCloseable {
  private static final NftTable TABLE = NftTable.of(NftFamily.INET, "lab-arrivals");
  private static final int VXLAN_PORT = 4789;
  private static final int BEFORE_ALL = -400;

  private final KernelNftTables tables;

  /** Packets so far. */
  record Counts(long tunnelled, long plain) {
    Counts since(Counts before) {
      return new Counts(tunnelled - before.tunnelled, plain - before.plain);
    }

    @Override
    public String toString() {
      return tunnelled + " in VXLAN, " + plain + " plain";
    }
  }

  /**
   * @param pods addresses of all pods
   */
  Arrivals(NetworkNamespace machine, Cidr pods) {
    tables = KernelNftTables.open(machine);
    NftStatement outside = NftStatement.equal(MetaField.IIFNAME, NftValue.ifname("eth0"));
    tables
        .commit(
            NftTransaction.on(TABLE)
                .addTable()
                .addCounter(NftCounter.of("tunnelled"))
                .addCounter(NftCounter.of("plain"))
                .addChain(
                    NftChain.base(
                        "arrivals",
                        NftChain.Type.FILTER,
                        NftHook.PREROUTING,
                        BEFORE_ALL,
                        NftChain.Policy.ACCEPT))
                .addRule(
                    "arrivals",
                    outside,
                    NftStatement.equal(PayloadField.UDP_DPORT, NftValue.port(VXLAN_PORT)),
                    new NftStatement.CountInto("tunnelled"))
                .addRule(
                    "arrivals",
                    outside,
                    new NftStatement.InPrefix(
                        PayloadField.IP_SADDR,
                        NftValue.address(pods.network().bytes()),
                        pods.prefixLength(),
                        false),
                    new NftStatement.CountInto("plain"))
                .build())
        .orThrow();
  }

  Counts counts() {
    var listing = tables.read(TABLE).orElseThrow();
    return new Counts(
        listing.counter("tunnelled").orElseThrow().count().packets(),
        listing.counter("plain").orElseThrow().count().packets());
  }

  @Override
  public void close() {
    tables.close();
  }
}
