package io.portolan.linux.nft;

import java.util.Optional;
import java.util.OptionalLong;

/** The nftables of one network namespace. */
public interface NftTables {

  /**
   * Carries out a transaction: all of it or nothing.
   *
   * @param generation if given, only while the ruleset is still of that generation, which guards a
   *     change that was computed from what had been read
   */
  NftOutcome commit(NftTransaction transaction, OptionalLong generation);

  /** Carries out a transaction whatever the generation. */
  default NftOutcome commit(NftTransaction transaction) {
    return commit(transaction, OptionalLong.empty());
  }

  /**
   * Reads a table with all it holds, as of one moment; empty if there is none. Costs time in
   * proportion to the table: for start-up and audits, not for every change.
   */
  Optional<NftListing> read(NftTable table);

  /** Counts the transactions of all programs in this namespace. */
  long generation();
}
