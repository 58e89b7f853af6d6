package io.portolan.linux.nft;

import java.util.List;
import java.util.Optional;

/**
 * A rule: statements run from left to right until one does not match or gives a verdict.
 *
 * @param comment shown by {@code nft list}
 */
public record NftRule(List<NftStatement> statements, Optional<String> comment) {
  public NftRule {
    statements = List.copyOf(statements);
    NftName.checkComment(comment);
    if (statements.isEmpty()) {
      throw new IllegalArgumentException("a rule has at least one statement");
    }
  }

  public static NftRule of(NftStatement... statements) {
    return new NftRule(List.of(statements), Optional.empty());
  }

  public NftRule comment(String text) {
    return new NftRule(statements, Optional.of(text));
  }

  @Override
  public String toString() {
    return NftText.rule(this);
  }
}
