package io.portolan.policy.compile;

import io.portolan.linux.nft.CtState;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftStatement;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Skeleton;
import io.portolan.policy.nft.TableImage.ChainImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/** Records of what the skeleton drops, before the rule that drops it. */
final class SkeletonRecords {
  private SkeletonRecords() {}

  /** Adds them to a table that has the skeleton. */
  static void add(DesiredTable table) {
    NftStatement isNew = NftStatement.ctState(CtState.NEW);
    add(table, Skeleton.ISOLATED, List.of(isNew, log(Skeleton.ISOLATED_PREFIX)));
    add(table, Skeleton.ISOLATED_NODE, List.of(isNew, log(Skeleton.ISOLATED_PREFIX)));
    // Comes before connection tracking, so that no packet is new there.
    add(table, Skeleton.SPOOFING, List.of(log(Skeleton.SPOOFING_PREFIX)));
  }

  private static void add(DesiredTable table, String chain, List<NftStatement> record) {
    ChainImage image = Objects.requireNonNull(table.image().chains().get(chain), chain);
    List<NftStatement> limited = new ArrayList<>(record);
    limited.add(record.size() - 1, Verdicts.limit());
    List<NftRule> rules = new ArrayList<>(image.rules());
    rules.add(rules.size() - 1, new NftRule(limited, Optional.empty()));
    table.putChain(image.chain(), rules);
  }

  private static NftStatement log(String prefix) {
    return new NftStatement.Log(
        Reporting.GROUP, prefix, OptionalInt.of(Reporting.SNAP_LENGTH), OptionalInt.empty());
  }
}
