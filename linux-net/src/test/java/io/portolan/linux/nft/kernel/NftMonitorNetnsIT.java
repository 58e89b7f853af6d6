package io.portolan.linux.nft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.kernel.NftMonitor.Notice;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class NftMonitorNetnsIT {
  private static final NftTable TABLE = NftTable.of(NftFamily.INET, "ours");
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Test
  void tellsOurTransactionsFromThoseOfOthers() {
    try (NetworkNamespace namespace = NetworkNamespace.anonymous();
        KernelNftTables tables = KernelNftTables.open(namespace);
        NftMonitor monitor = NftMonitor.open(namespace)) {
      Nft nft = new Nft(namespace);
      tables
          .commit(
              NftTransaction.on(TABLE).addTable().addSet(NftSet.of("s", NftType.IPV4_ADDR)).build())
          .orThrow();
      nft.run("", "add element inet ours s { 10.0.0.1 }");
      nft.run("", "add table ip other");

      Notice.Committed own = committed(monitor);
      Notice.Committed others = committed(monitor);
      Notice.Committed elsewhere = committed(monitor);

      assertThat(own.portId()).isEqualTo(tables.portId());
      assertThat(own.touches(TABLE)).isTrue();
      assertThat(others.portId()).isNotEqualTo(tables.portId());
      assertThat(others.processName()).isEqualTo("nft");
      assertThat(others.touches(TABLE)).isTrue();
      assertThat(elsewhere.tables()).containsExactly("ip other");
      assertThat(elsewhere.generation()).isEqualTo(tables.generation());
      assertThat(monitor.next(Duration.ZERO)).isEqualTo(new Notice.Quiet());
    }
  }

  private static Notice.Committed committed(NftMonitor monitor) {
    Notice notice = monitor.next(PATIENCE);
    assertThat(notice).isInstanceOf(Notice.Committed.class);
    return (Notice.Committed) notice;
  }
}
