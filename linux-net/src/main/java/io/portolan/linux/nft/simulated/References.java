package io.portolan.linux.nft.simulated;

import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSelector;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftVerdict;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What rules refer to. */
final class References {
  private References() {}

  /**
   * A use of a set.
   *
   * @param result what the rule wants from it: nothing, a verdict or a mark
   */
  record SetUse(String set, List<NftSelector> key, Optional<NftType> result) {}

  static Optional<String> target(NftVerdict verdict) {
    return switch (verdict) {
      case NftVerdict.Jump jump -> Optional.of(jump.chain());
      case NftVerdict.Goto jump -> Optional.of(jump.chain());
      case NftVerdict.Terminal _ -> Optional.empty();
    };
  }

  static Stream<String> targets(NftRule rule) {
    return rule.statements().stream()
        .flatMap(statement ->
            statement instanceof NftStatement.Verdict verdict
                ? target(verdict.verdict()).stream()
                : Stream.empty());
  }

  static Stream<String> counters(NftRule rule) {
    return rule.statements().stream()
        .flatMap(statement ->
            statement instanceof NftStatement.CountInto count
                ? Stream.of(count.counter())
                : Stream.empty());
  }

  static Stream<SetUse> sets(NftRule rule) {
    return rule.statements().stream().flatMap(statement -> setUse(statement).stream());
  }

  private static Optional<SetUse> setUse(NftStatement statement) {
    if (statement instanceof NftStatement.Lookup lookup) {
      return Optional.of(new SetUse(lookup.set(), lookup.key(), Optional.empty()));
    }
    if (statement instanceof NftStatement.VerdictMap map) {
      return Optional.of(new SetUse(map.map(), map.key(), Optional.of(NftType.VERDICT)));
    }
    if (statement instanceof NftStatement.SetMarkFromMap map) {
      return Optional.of(new SetUse(map.map(), map.key(), Optional.of(NftType.MARK)));
    }
    return Optional.empty();
  }
}
