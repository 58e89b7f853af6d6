package io.portolan.policy.agent;

import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTables;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.policy.nft.BridgeTable;
import io.portolan.policy.nft.Generation;
import io.portolan.policy.nft.Skeleton;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes away what the policy-only agent leaves in a node's kernel, and nothing else. Whoever was
 * denied something is not from then on. An agent that still runs puts all of it back.
 */
public final class Cleanup {
  private Cleanup() {}

  /**
   * Removes it; nothing is left when it returns.
   *
   * @return what was there, for people
   * @throws IllegalStateException if the kernel refuses
   */
  public static List<String> run(NftTables tables, Connections connections) {
    List<String> removed = new ArrayList<>();
    for (NftTable table : List.of(Skeleton.TABLE, BridgeTable.TABLE)) {
      if (tables.read(table).isPresent()) {
        tables.commit(NftTransaction.on(table).destroyTable().build()).orThrow();
        removed.add("table " + table.id());
      }
    }
    // After the rules that would write them anew. A crash in between leaves marks that mean nothing
    // to anybody, and the next run clears them.
    connections.clearMarks(Generation.MASK);
    return removed;
  }
}
