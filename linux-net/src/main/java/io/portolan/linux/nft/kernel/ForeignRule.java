package io.portolan.linux.nft.kernel;

/** A rule that is not one of ours; caught where raising begins. */
final class ForeignRule extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ForeignRule(NftExpression expression) {
    super(expression.toString(), null, false, false);
  }
}
