package io.portolan.policy.compile;

import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftStatement;
import io.portolan.policy.compile.Reported.Packets;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Skeleton;
import io.portolan.policy.nft.TableImage.ChainImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Records of what the skeleton drops, before the rule that drops it. */
final class SkeletonRecords {
  private SkeletonRecords() {}

  /** Adds them to a table that has the skeleton. */
  static void add(DesiredTable table) {
    add(table, Skeleton.ISOLATED, Skeleton.ISOLATED, Packets.TRACKED);
    add(table, Skeleton.ISOLATED_NODE, Skeleton.ISOLATED, Packets.TRACKED);
    // Comes before connection tracking, so that no packet is new there.
    add(table, Skeleton.SPOOFING, Skeleton.SPOOFING, List.of(Packets.SINGLE));
    Skeleton.UNDECIDED.forEach(chain -> add(table, chain, chain, Packets.TRACKED));
  }

  private static void add(DesiredTable table, String chain, String reason, List<Packets> recorded) {
    ChainImage image = Objects.requireNonNull(table.image().chains().get(chain), chain);
    List<NftRule> rules = new ArrayList<>(image.rules());
    NftRule last = rules.removeLast();
    for (Packets packets : recorded) {
      List<NftStatement> record = new ArrayList<>(Verdicts.of(packets));
      record.add(Verdicts.limit());
      record.add(Verdicts.log(Reporting.GROUP, packets.denied(reason)));
      rules.add(new NftRule(record, Optional.empty()));
    }
    rules.add(last);
    table.putChain(image.chain(), rules);
  }
}
